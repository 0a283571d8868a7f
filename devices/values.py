"""Values: strict numbers, words for on and off, and JSON flattened into metrics, labels and what is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING

from contracts.topics import is_name
from contracts.wire_reading import MAX_MAGNITUDE
from devices.times import is_time_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_METRICS = 512  # of one message
MAX_LABEL = 200
_MAX_DEPTH = 12
_LONGEST_ARRAY = 16
_MOST_DROPPED = 32
_NO_KEYS: frozenset[str] = frozenset()
# ASCII digits only, no leading zero (that is an identifier), no underscore, no word for infinity.
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]{0,18})(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DURATION = re.compile(r"(?:\d+T)?\d{1,4}:\d\d(?::\d\d)?", re.ASCII)
_SWITCH = {"on": 1.0, "off": 0.0, "true": 1.0, "false": 0.0}
_SWITCH_LENGTHS = range(2, 6)
_NOTHING = frozenset({"", "nan", "null", "none", "unknown", "unavailable", "undef", "n/a", "inf", "-inf", "-nan"})


@lru_cache(maxsize=50_000)
def is_known_name(name: str) -> bool:
    """Tell whether a text may name a device or a metric, as `is_name` does, and remember it."""
    return is_name(name)


def number(text: str) -> float | None:
    """Read a number by a strict rule; None when the text is none.

    Refused are what Python's `float` takes and no device means: `nan`, `inf`, `1_000`, digits of other scripts, and
    identifiers such as `0316E5`.
    """
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if isfinite(value) and abs(value) <= MAX_MAGNITUDE else None


def switch(text: str) -> float | None:
    """Read `on`, `off`, `true` and `false` in any case as 1 and 0; None for other text."""
    return _SWITCH.get(text.lower()) if len(text) in _SWITCH_LENGTHS else None


def scalar(value: object) -> float | None:
    """Read a number, a boolean, a number as text or a switch word; None for everything else."""
    kind = type(value)
    if kind is float or kind is int:
        return _finite(value)  # type: ignore[arg-type]
    if kind is bool:
        return 1.0 if value else 0.0
    if kind is str:
        text = value.strip()  # type: ignore[attr-defined]
        found = number(text)
        return switch(text) if found is None else found
    return None


def _finite(value: float) -> float | None:
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if isfinite(found) and abs(found) <= MAX_MAGNITUDE else None


def is_nothing(value: object) -> bool:
    """Tell whether a value says that there is none: null, or a word such as `nan` or `unavailable`."""
    return value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING)


def label(text: str) -> str:
    """Shorten a text value and strip what does not print."""
    return "".join(c for c in text[: MAX_LABEL * 2] if c.isprintable())[:MAX_LABEL]


@dataclass(slots=True)
class Flat:
    """What a payload holds, by name.

    Attributes:
        metrics: numbers; booleans and switch words are 1 and 0.
        labels: texts.
        nulls: names without a value.
        dropped: names that are no metric, with the reason.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    nulls: list[str] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, value: object) -> None:
        """Put one value where it belongs."""
        if len(self.metrics) >= MAX_METRICS:
            self.drop(name, f"beyond {MAX_METRICS} metrics")
        elif not is_known_name(name):
            self.drop(label(name), "no printable name of at most 128 characters")
        elif (found := scalar(value)) is not None:
            self.metrics[name] = found
        elif is_nothing(value):
            self._note_null(name)
        elif isinstance(value, str):
            self._note_text(name, value)
        else:
            self.drop(name, "neither number nor text")

    def drop(self, name: str, why: str) -> None:
        """Note what is left out."""
        if len(self.dropped) < _MOST_DROPPED:
            self.dropped[name] = why

    def _note_null(self, name: str) -> None:
        if len(self.nulls) < MAX_METRICS:
            self.nulls.append(name)

    def _note_text(self, name: str, text: str) -> None:
        if is_time_text(text):
            self.drop(name, "a time")
        elif _DURATION.fullmatch(text):
            self.drop(name, "a duration")
        elif len(self.labels) < MAX_METRICS:
            self.labels[name] = label(text)


def flatten(
    value: object, name: str = "", *, skip: Iterable[str] = (), into: Flat | None = None, joint: str = "."
) -> Flat:
    """Flatten JSON: nested objects joined with dots, short arrays by index.

    Args:
        value: an object, an array or a scalar.
        name: of the value, "" for the whole payload.
        skip: keys left out at any depth.
        into: what to add to.
        joint: between the names.
    """
    flat = Flat() if into is None else into
    _flatten(value, name, 0, flat, frozenset(skip), joint)
    return flat


def put(flat: Flat, name: str, value: object) -> None:
    """Add one member of an object, nested or not."""
    if type(value) is dict or type(value) is list:
        _flatten(value, name, 0, flat, _NO_KEYS, ".")
    else:
        flat.add(name, value)


def _flatten(value: object, name: str, depth: int, flat: Flat, skip: frozenset[str], joint: str) -> None:  # noqa: PLR0913, PLR0917 - the recursion's own
    if isinstance(value, dict):
        if depth >= _MAX_DEPTH:
            flat.drop(label(name), "nested too deep")
            return
        for key, child in value.items():
            _flatten_member(str(key), child, name, depth, flat, skip, joint)
    elif isinstance(value, list):
        _flatten_array(value, name, depth, flat, skip, joint)
    else:
        flat.add(name, value)


def _flatten_member(  # noqa: PLR0913, PLR0917 - the same
    key: str, child: object, name: str, depth: int, flat: Flat, skip: frozenset[str], joint: str
) -> None:
    full = f"{name}{joint}{key}" if name else key
    if key in skip:
        flat.drop(label(full), "no level")
    elif type(child) is dict or type(child) is list:
        _flatten(child, full, depth + 1, flat, skip, joint)
    else:
        flat.add(full, child)


def _flatten_array(  # noqa: PLR0913, PLR0917 - the same
    items: list[object], name: str, depth: int, flat: Flat, skip: frozenset[str], joint: str
) -> None:
    if len(items) > _LONGEST_ARRAY or depth >= _MAX_DEPTH:
        flat.drop(label(name), f"an array longer than {_LONGEST_ARRAY}")
        return
    for index, child in enumerate(items):
        _flatten(child, f"{name}{joint}{index}" if name else str(index), depth + 1, flat, skip, joint)


def suffixed(
    units: Mapping[str, str | None], metrics: Iterable[str], wanted: Callable[[str], str | None]
) -> dict[str, str]:
    """Give units to metrics: `wanted` names the key of `units` that holds a metric's unit."""
    found = ((metric, wanted(metric)) for metric in metrics)
    return {metric: unit for metric, key in found if key is not None and (unit := units.get(key))}
