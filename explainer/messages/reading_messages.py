"""Messages to words: decoding at the edge, one function a topic; what cannot be used becomes a dead letter."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from contracts.anomaly import Anomaly
from contracts.codec import decode
from contracts.errors import DecodeError, TopicError
from contracts.service import MAX_WRITTEN_LETTER_BYTES, Command, DeadLetter, Feedback
from explainer.messages.dead_letters import dead_letter, digest
from explainer.words.wording import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.topics import Topics
    from runtime.bus import Message

SERVICE = "explainer"
_ID = re.compile(r"[0-9a-f]{32}")
_ID_FIELD = re.compile(rb'"id"\s*:\s*"([0-9a-f]{32})"')


@dataclass(frozen=True, slots=True)
class HeardAnomaly:
    """An anomaly, with the JSON it came as."""

    anomaly: Anomaly
    body: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that could not be used; `anomaly` is its id where one can be read."""

    letter: DeadLetter
    digest: str
    anomaly: str | None = None


@dataclass(frozen=True, slots=True)
class HeardLetter:
    """Another service's dead letter."""

    letter: DeadLetter
    digest: str


@dataclass(frozen=True, slots=True)
class HeardFeedback:
    """What a person says of an incident."""

    feedback: Feedback
    digest: str


@dataclass(frozen=True, slots=True)
class HeardCommand:
    """An operator's order."""

    command: Command


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that is only counted."""

    reason: str


Word = HeardAnomaly | HeardLetter | HeardFeedback | HeardCommand | Refusal | Ignored


class MessageReader:
    """Decodes every message that the explainer subscribes to."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._readers: dict[str, Callable[[Message], Word]] = {
            "anomalies": self._anomaly,
            "deadletters": self._letter,
            "feedback": self._feedback,
            "commands": self._command,
        }

    @property
    def subscriptions(self) -> list[str]:
        """The topic filters to listen to."""
        kinds = [self._topics.every(kind) for kind in self._readers if kind != "commands"]
        return [*kinds, self._topics.commands(SERVICE)]

    def read(self, message: Message) -> Word:
        """Decode one message; never raises for what it holds."""
        kind = self._topics.kind_of(message.topic)
        reader = self._readers.get(kind)
        if reader is None:
            return Ignored("unknown_topic")
        try:
            return reader(message)
        except DecodeError as error:
            return self.refusal(message, error.reason, str(error))
        except TopicError as error:
            return self.refusal(message, "bad_topic", str(error))

    def refusal(self, message: Message, reason: str, detail: str) -> Word:
        """Refuse a message; a bad dead letter is only counted, lest letters be written about letters."""
        kind = self._topics.kind_of(message.topic)
        if kind == "deadletters":
            return Ignored("bad_dead_letter")
        device = self._device(message.topic) if kind == "anomalies" else None
        letter = dead_letter(message, SERVICE, reason, detail, device)
        # No time in the digest: a message that is delivered again is the same refusal.
        name = digest(message.topic.encode(), message.payload)
        return Refusal(letter, name, _readable_id(message.payload) if kind == "anomalies" else None)

    def _device(self, topic: str) -> str | None:
        try:
            return self._topics.device_of(topic)
        except TopicError:
            return None

    def _anomaly(self, message: Message) -> Word:
        anomaly = decode(message.payload, Anomaly)
        device = self._topics.device_of(message.topic)
        if anomaly.device != device:
            raise _wrong(message, "device_mismatch", "device", anomaly.device, f"{device!r} as in the topic")
        for field, time in (("measured_at", anomaly.measured_at), ("received_at", anomaly.received_at)):
            if time.tzinfo is None:
                raise _wrong(message, "bad_time", field, str(time), "a time with a zone")
        if anomaly.incident.opened_at.tzinfo is None:
            raise _wrong(message, "bad_time", "incident.opened_at", "a time without zone", "a time with a zone")
        return HeardAnomaly(anomaly, message.payload.decode())

    def _letter(self, message: Message) -> Word:
        try:
            letter = decode(message.payload, DeadLetter, MAX_WRITTEN_LETTER_BYTES)
        except DecodeError:
            return Ignored("bad_dead_letter")
        if letter.received_at.tzinfo is None:
            return Ignored("bad_dead_letter")
        return HeardLetter(_clean_letter(letter), digest(message.payload))

    def _feedback(self, message: Message) -> Word:
        feedback = decode(message.payload, Feedback)
        if message.topic != self._topics.feedback(feedback.incident):
            raise _wrong(message, "incident_mismatch", "incident", feedback.incident, "the incident of the topic")
        if feedback.at.tzinfo is None or (feedback.until is not None and feedback.until.tzinfo is None):
            raise _wrong(message, "bad_time", "at", str(feedback.at), "times with a zone")
        if (feedback.until is None) == (feedback.verdict == "snoozed"):
            raise _wrong(
                message, "invalid", "until", str(feedback.until), "a time with `snoozed`, and with nothing else"
            )
        by, note = (text and clean(text, 1000) for text in (feedback.by, feedback.note))
        return HeardFeedback(msgspec.structs.replace(feedback, by=by, note=note), digest(message.payload))

    def _command(self, message: Message) -> Word:
        return HeardCommand(decode(message.payload, Command))


def _clean_letter(letter: DeadLetter) -> DeadLetter:
    """Bound the texts of a letter: whoever wrote it, they are stored and shown."""
    return msgspec.structs.replace(
        letter,
        reason=clean(letter.reason, 64),
        detail=clean(letter.detail, 500),
        topic=clean(letter.topic, 1000),
        service=clean(letter.service, 64),
        device=letter.device and clean(letter.device, 128),
    )


def _wrong(message: Message, reason: str, field: str, value: str, expected: str) -> DecodeError:
    return DecodeError(reason, field=field, value=value, expected=expected, payload=message.payload)


def _readable_id(payload: bytes) -> str | None:
    """Find the id in an anomaly that cannot be used, so that its sender hears that it was refused."""
    try:
        found = json.loads(payload).get("id")
    except (ValueError, AttributeError, RecursionError):
        found = None
    if isinstance(found, str):
        return found if _ID.fullmatch(found) else None
    # Broken JSON, cut short perhaps: the detector writes the id first.
    first = _ID_FIELD.search(payload[:200])
    return first.group(1).decode() if first else None
