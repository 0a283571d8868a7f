"""Refused messages: made here, or heard from other services; a flood of one device is counted, not stored."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from contracts.service import MAX_DEAD_LETTER_BYTES, DeadLetter
from explainer.words.wording import clean

if TYPE_CHECKING:
    from datetime import datetime

    from runtime.bus import Message

_MAX_DETAIL = 500
_MAX_SOURCES = 10_000
_SOURCES_AT_ONCE = 20  # invented names must not fill the disk


def dead_letter(message: Message, service: str, reason: str, detail: str, device: str | None) -> DeadLetter:
    """Say why a message could not be used."""
    return DeadLetter(
        reason=reason,
        detail=clean(detail, _MAX_DETAIL),
        topic=message.topic,
        payload=message.payload[:MAX_DEAD_LETTER_BYTES],
        size=len(message.payload),
        service=service,
        received_at=message.received_at,
        device=device,
    )


def digest(*parts: bytes) -> str:
    """Name something by its content, so that it is stored once however often it is delivered."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.hexdigest()


class LetterLimit:
    """Lets through so many letters a minute and source, in a fixed window each, and twenty times as many of all.

    Args:
        per_minute: letters of one source in one minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._minute = 0
        self._seen: dict[str, int] = {}
        self._stored = 0

    def allows(self, source: str, now: datetime) -> bool:
        """Count one letter and tell whether it may be stored."""
        minute = int(now.timestamp() // 60)
        if minute != self._minute:
            self._minute, self._seen, self._stored = minute, {}, 0
        # A sender that invents names shares one allowance for all names beyond the bound.
        key = source if source in self._seen or len(self._seen) < _MAX_SOURCES else ""
        self._seen[key] = self._seen.get(key, 0) + 1
        allowed = self._seen[key] <= self._per_minute and self._stored < self._per_minute * _SOURCES_AT_ONCE
        self._stored += allowed
        return allowed
