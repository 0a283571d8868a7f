"""Messages of each format with what they mean; the docs' pages are written from the same files."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.recognizer import Recognizer
from tocsin.foreign.telegram_json import telegram_json

FOLDER = Path(__file__).with_name("samples")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Samples:
    """The messages of one format, in the order in which they are said."""

    name: str
    title: str
    about: str
    source: str
    messages: list[dict[str, Any]]

    def read(self) -> list[dict[str, Any]]:
        """Read all with a recognizer that has heard nothing before."""
        reader = Recognizer()
        return [telegram_json(reader.read(one["topic"], payload_of(one), NOW)) for one in self.messages]


def payload_of(message: dict[str, Any]) -> bytes:
    """Return a message's bytes."""
    raw = message.get("payload_b64")
    return base64.b64decode(raw) if raw is not None else str(message["payload"]).encode()


def all_samples() -> list[Samples]:
    """Read every file, by name."""
    files = sorted(FOLDER.glob("*.json"))
    return [Samples(file.stem, **json.loads(file.read_text(encoding="utf-8"))) for file in files]
