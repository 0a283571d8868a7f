"""From a TCP server that sends one JSON object a line to readings."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.codec import encode
from contracts.reading import Reading
from contracts.topics import is_name
from devices.foreign_message import MAX_PAYLOAD_BYTES
from devices.formats.json_objects import wide
from devices.values import label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TIMEOUT_S = 1.0
_LEARNED = 50  # lines after which a word that was never seen is a word of its own no more
_MOST_WORDS = 8
_MOST_FIELDS = 16
_OTHER = "other"


class LineReading:
    """Makes a reading of each line. A text becomes a metric a word, `protocol=TCP` 1 or 0, and `protocol=other`.

    Args:
        device: whose readings they are.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._words: dict[str, list[str]] = {}
        self._lines = 0

    def read(self, line: bytes) -> bytes | None:
        """Return a reading as it is published; None when the line holds no JSON object with values."""
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(fields, dict) or len(line) > MAX_PAYLOAD_BYTES:
            return None
        found = wide(self._device, fields)
        texts = {*found.labels, *found.nulls}  # UNKNOWN, as such streams write it, is a word here
        values = found.metrics | self._spelt_out({name: fields[name] for name in texts & fields.keys()})
        if not values:
            return None
        self._lines += 1
        at = found.timestamp if found.timestamp is not None and found.timestamp.tzinfo else datetime.now(UTC)
        return encode(Reading(device=self._device, values=dict(values), measured_at=at))

    def _spelt_out(self, texts: dict[str, object]) -> dict[str, float]:
        values: dict[str, float] = {}
        for name, text in texts.items():
            word = label(text) if isinstance(text, str) else ""
            if not word:
                continue
            words = self._words.get(name)
            if words is None:
                if len(self._words) >= _MOST_FIELDS:
                    continue
                words = self._words[name] = []
            if word not in words and self._lines < _LEARNED and len(words) < _MOST_WORDS:
                words.append(word)
            values |= {f"{name}={one}": float(one == word) for one in words if is_name(f"{name}={one}")}
            if is_name(f"{name}={_OTHER}"):
                values[f"{name}={_OTHER}"] = float(word not in words)
        return values


def lines_from(host: str, port: int, going_on: Callable[[], bool]) -> Iterator[bytes]:
    """Yield the lines that a server sends until it closes or `going_on` says no; an empty one while it is quiet.

    Raises:
        OSError: there is no server.
    """
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.settimeout(_TIMEOUT_S)
        waiting = b""
        while going_on():
            try:
                chunk = connection.recv(65_536)
            except TimeoutError:
                yield b""
                continue
            if not chunk:
                return
            *lines, waiting = (waiting + chunk).split(b"\n")
            yield from lines
            if len(waiting) > MAX_PAYLOAD_BYTES:  # no line is so long: begin again at the next
                waiting = b""
