"""Foreign messages as the detector hears them, with a clock of the test's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from devices.profiles.profile import ProfileFile
from devices.recognizer import Recognizer
from devices.semantics.interpreter import Interpreter
from devices.semantics.presence import Presence

if TYPE_CHECKING:
    from devices.semantics.ordering import Ready

START = datetime(2026, 6, 1, tzinfo=UTC)


class Listener:
    """Recognizer and interpreter together, with a clock of the test's own."""

    def __init__(self, file: ProfileFile | None = None) -> None:
        self.file = file or ProfileFile(join="2s")
        self.reader = Recognizer.of(self.file, "tocsin")
        self.interpreter = Interpreter(self.file)
        self.presence = Presence(0.0, self.file.overrides)

    def hear(self, seconds: float, topic: str, payload: object, *, retained: bool = False) -> list[Ready]:
        """Take one message that arrives so many seconds after the start."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        at = START + timedelta(seconds=seconds)
        telegram = self.reader.read(topic, text.encode(), at, retained=retained)
        self.presence.note(telegram, at.timestamp(), topic)
        return self.interpreter.take(telegram, at, retained=retained, topic=topic)

    def wait(self, seconds: float) -> list[Ready]:
        """Look at the clock so many seconds after the start."""
        return self.interpreter.due((START + timedelta(seconds=seconds)).timestamp())

    def words(self) -> list[str]:
        """Take the notices."""
        return [f"{one.reason}: {one.words}" for one in self.interpreter.notices]


def values(ready: list[Ready]) -> list[dict[str, float | None]]:
    """Return the values of each reading."""
    return [one.reading.values for one in ready]
