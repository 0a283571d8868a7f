"""Single numbers, single words, lists of numbers; whatever nothing else can read ends here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from devices.formats.port import Format, composed
from devices.telegram import DeviceReading, ignored, telemetry, unreadable
from devices.values import Flat, is_known_name, is_nothing, number, scalar

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

_CSV = re.compile(r"-?[0-9.]+(?:\s*[,;]\s*-?[0-9.]+){1,63}", re.ASCII)
_LONGEST_TEXT = 1024
_LONGEST_NUMBER = 40
_QUOTES = '""'
_BRACKETS = frozenset("{[")


class Plain(Format):
    """A single number or word: the last level is the metric, the levels before it the device."""

    name = "plain"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a value."""
        text = message.text
        if text is None:
            return ignored(self.name, "not UTF-8 text: binary needs a profile")
        if text[:1] in _BRACKETS and message.json is not None:
            return None
        if len(text) <= _LONGEST_NUMBER and (found := number(text)) is not None:
            return telemetry(self.name, _narrow(message.levels, found) or narrow_value(message.levels, text))
        if len(text) > len(_QUOTES) and text[0] == text[-1] == '"':  # a JSON text
            text = text[1:-1]
        return self._other(text) or telemetry(self.name, narrow_value(message.levels, text))

    def _other(self, text: str) -> Telegram | None:
        """Name what is neither number nor word."""
        if len(text) > _LONGEST_TEXT:
            return ignored(self.name, "a long text")
        if _CSV.fullmatch(text):
            why = "numbers separated by commas: a profile with `payload: csv` and `columns` names them"
            return unreadable("csv", why)
        if text[:1] in _BRACKETS:
            return unreadable(self.name, "neither JSON nor a number: it begins like JSON and is broken")
        return None if text else ignored(self.name, "empty: a retained message was deleted")


def narrow_value(levels: list[str], text: str) -> DeviceReading:
    """Read one value whose metric is the last topic level."""
    found = scalar(text)
    reading = None if found is None else _narrow(levels, found)
    if reading is not None:
        return reading
    flat = Flat()
    device, metric = _named(levels)
    flat.add(metric, None if is_nothing(text) else text)
    return composed(device, flat, narrow=True)


def _narrow(levels: list[str], value: float) -> DeviceReading | None:
    device, metric = _named(levels)
    return DeviceReading(device=device, metrics={metric: value}, narrow=True) if is_known_name(metric) else None


def _named(levels: list[str]) -> tuple[str, str]:
    """Return device and metric."""
    return ("/".join(levels[:-1]), levels[-1]) if len(levels) > 1 else (levels[0], "value")
