"""The lines of an export: everything of the book, one JSON object a line, an alert before what belongs to it."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from contracts.alert import Alert
from contracts.service import Feedback
from storage.errors import ImportLineError

FORMAT = "tocsin-alert-book"
VERSION = 1


class HeaderLine(Struct, frozen=True, tag="header", tag_field="type", kw_only=True):
    """The first line."""

    format: str
    version: int
    exported_at: datetime


class AlertLine(Struct, frozen=True, omit_defaults=True, tag="alert", tag_field="type", kw_only=True):
    """An alert, and what it takes to merge further news of its incident: see `AlertRecord`."""

    alert: Alert
    phase: str
    phase_at: datetime
    phase_order: str
    evidence_order: str
    explanation_state: str
    handling: str | None = None
    handled_at: datetime | None = None
    snoozed_until: datetime | None = None
    owed_since: datetime | None = None
    reminded_at: datetime | None = None


class AnomalyLine(Struct, frozen=True, tag="anomaly", tag_field="type", kw_only=True):
    """An anomaly, as the very JSON it came as."""

    stored_at: datetime
    body: Raw


class FeedbackLine(Struct, frozen=True, tag="feedback", tag_field="type", kw_only=True):
    """What a person said; `digest` is the same for the same message."""

    digest: str
    feedback: Feedback


class ExplanationLine(Struct, frozen=True, omit_defaults=True, tag="explanation", tag_field="type", kw_only=True):
    """One attempt at explaining: see `Attempt`."""

    incident: str
    started_at: datetime
    provider: str
    model: str
    template: str
    outcome: str
    requests: int = 0
    latency_ms: float | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: float | None = None
    grounded: bool | None = None
    error: str | None = None
    answer: str | None = None


Line = HeaderLine | AlertLine | AnomalyLine | FeedbackLine | ExplanationLine
_decoder = msgspec.json.Decoder(Line)
_encoder = msgspec.json.Encoder()


def write_line(line: Line) -> bytes:
    """Write a line, without its end."""
    return _encoder.encode(line)


def read_line(text: bytes) -> Line:
    """Read a line.

    Raises:
        ImportLineError: it is no line of an export, or of one that is newer than this program.
    """
    try:
        line: Line = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImportLineError(f"expected a line of `tocsin export --format jsonl` ({error})") from error
    if isinstance(line, HeaderLine) and (line.format != FORMAT or line.version > VERSION):
        raise ImportLineError(f"{line.format} version {line.version}: expected {FORMAT} up to version {VERSION}")
    return line
