"""A foreign message as the formats see it: topic levels, text and JSON, each worked out once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from datetime import datetime

MAX_PAYLOAD_BYTES = 262_144
_decode = msgspec.json.Decoder().decode
_OPENING = b"{["


class _Unread:
    """Stands for what was not looked at yet."""


_UNREAD: Final = _Unread()


class ForeignMessage:
    """One message in an unknown language.

    Attributes:
        topic: with the configured prefix taken off.
        levels: of the topic.
        payload: as received.
        retained: the broker kept it; nobody measured it now.
        received_at: aware UTC.
    """

    __slots__ = ("_json", "_text", "levels", "payload", "received_at", "retained", "topic")

    def __init__(self, topic: str, payload: bytes, received_at: datetime, *, retained: bool = False) -> None:
        self.topic = topic
        self.levels = topic.split("/")
        self.payload = payload
        self.retained = retained
        self.received_at = received_at
        self._text: str | _Unread | None = _UNREAD
        self._json: Any = _UNREAD

    @property
    def text(self) -> str | None:
        """The payload as UTF-8 text without surrounding white space; None when it is none."""
        if isinstance(self._text, _Unread):
            try:
                self._text = self.payload.decode().strip(" \t\r\n\0")
            except UnicodeDecodeError:
                self._text = None
        return self._text

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever a device sends
        """The payload as a JSON object or array; None when it is neither. NaN and infinities become None."""
        if self._json is _UNREAD:
            self._json = _parsed(self.payload)
        return self._json

    @property
    def object(self) -> dict[str, Any] | None:
        """The payload as a JSON object."""
        parsed = self.json
        return parsed if isinstance(parsed, dict) else None


def _parsed(payload: bytes) -> Any:  # noqa: ANN401 - the same
    start = payload.lstrip(b" \t\r\n")[:1]
    if not start or start not in _OPENING:
        return None
    try:
        return _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _leniently_parsed(payload)


def _leniently_parsed(payload: bytes) -> Any:  # noqa: ANN401 - the same
    """Read what Python's and many a device's own writer leave: NaN, Infinity, control characters, a NUL at the end."""
    try:
        text = payload.decode().rstrip("\0 \r\n\t")
        return json.JSONDecoder(parse_constant=lambda _: None, parse_int=_number, strict=False).decode(text)
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> float | int:
    """Read an integer of any length without Python's limit on digits."""
    return int(text) if len(text) < 300 else float(text)  # noqa: PLR2004 - float's own range
