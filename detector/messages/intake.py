"""One message in: a reading scored, a receipt settled, a neighbour's state noted, or a dead letter owed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

from contracts.codec import decode
from contracts.decode_reading import decode_reading
from contracts.errors import DecodeError, TopicError
from contracts.reading import reading_id
from contracts.service import Command, Feedback, Receipt, ServiceStatus
from detector.fleet.fleet import TooManyDevicesError
from runtime.logs import get_logger

if TYPE_CHECKING:
    from contracts.reading import Reading
    from contracts.topics import Topics
    from detector.device.tracked import Tracked
    from detector.messages.desks import Desks
    from detector.messages.foreign_intake import ForeignIntake
    from detector.messages.outgoing import Outgoing
    from detector.messages.scoring import Scoring
    from runtime.bus import Message
    from runtime.outbox import Outbox

_log = get_logger("detector.messages.intake")


class Intake:
    """Handles messages inside the caller's transaction.

    Attributes:
        scoring: takes the readings.
        counters: totals since the start, by what became of the messages.
        dead_letters: totals since the start, by reason.
    """

    def __init__(
        self, scoring: Scoring, outgoing: Outgoing, desks: Desks, topics: Topics, foreign: ForeignIntake
    ) -> None:
        self.scoring = scoring
        self._outgoing = outgoing
        self._desks = desks
        self._topics = topics
        self._readings = topics.prefix + "/readings/"
        self._receipts = topics.receipts("detector")
        self._explainers = topics.prefix + "/services/explainer/"
        self._feedback = topics.prefix + "/feedback/"
        self._commands = topics.commands("detector")
        self._arrivals = 0
        self._names: dict[str, str] = {}
        self.counters = scoring.counters
        self.dead_letters: Counter[str] = Counter()
        self.explainer_returned = False
        self.foreign = foreign

    def take(self, message: Message, outbox: Outbox) -> None:
        """Handle one message; an error of our own costs this message alone, which becomes a dead letter."""
        try:
            self._take(message, outbox)
        except sqlite3.Error:  # the file, not the message: the group is rolled back and comes again
            raise
        except Exception as error:  # noqa: BLE001 - the handler loop: logged, counted, dead-lettered
            _log.exception("a message could not be handled", topic=message.topic)
            words = f"a message that Tocsin can handle; please report this: {error!r}"
            self._refuse(message, DecodeError("internal_error", expected=words, payload=message.payload), outbox)

    def _take(self, message: Message, outbox: Outbox) -> None:
        if message.topic.startswith(self._readings):
            self._take_reading(message, outbox)
        elif message.topic == self._receipts:
            self._take_receipt(message, outbox)
        elif message.topic.startswith(self._explainers):
            self._take_status(message)
        elif message.topic.startswith(self._feedback):
            self._take_feedback(message, outbox)
        elif message.topic == self._commands:
            self._take_command(message, outbox)
        elif not message.topic.startswith(self._topics.prefix + "/"):
            self._take_foreign(message, outbox)

    def _take_reading(self, message: Message, outbox: Outbox) -> None:
        if message.retained:  # an old value that the broker kept: nobody measured it now
            self.counters["retained"] += 1
            return
        try:
            device = self._device(message.topic)
            reading = decode_reading(message.payload, device, message.received_at)
        except DecodeError as error:
            self._refuse(message, error, outbox)
            return
        except TopicError as error:
            self._refuse(message, _as_decode_error("bad_topic", message, str(error)), outbox)
            return
        self.accept(reading, self._name(reading, message), message, outbox)

    def _take_foreign(self, message: Message, outbox: Outbox) -> None:
        try:
            self.foreign.take(message, self, outbox)
        except DecodeError as error:
            self._refuse(message, error, outbox)

    def accept(self, reading: Reading, name: str, message: Message, outbox: Outbox) -> None:
        """Score a reading, unless one of this name was taken in before, or there is no room for its device."""
        try:
            self.scoring.accept(reading, name, message)
        except TooManyDevicesError as error:
            self._refuse(message, _as_decode_error("too_many_devices", message, str(error)), outbox)

    def _take_feedback(self, message: Message, outbox: Outbox) -> None:
        if message.retained:  # said once, not again at every connection
            return
        try:
            feedback = decode(message.payload, Feedback)
            if not message.topic.endswith("/" + feedback.incident):
                raise _as_decode_error("bad_topic", message, f"feedback/{feedback.incident}, as its payload says")
        except DecodeError as error:
            self._refuse(message, error, outbox)
            return
        self.counters["feedback"] += 1
        self._touch(self._desks.feedback.take(feedback))

    def _take_command(self, message: Message, outbox: Outbox) -> None:
        if message.retained:
            return
        try:
            command = decode(message.payload, Command)
        except DecodeError as error:
            self._refuse(message, error, outbox)
            return
        self.counters["commands"] += 1
        self._touch(self._desks.orders.take(command))

    def _touch(self, tracked: Tracked | None) -> None:
        if tracked is not None:
            self.scoring.touched[tracked.name] = tracked

    def _device(self, topic: str) -> str:
        name = self._names.get(topic)
        if name is None:
            name = self._names[topic] = self._topics.device_of(topic)
        return name

    def _name(self, reading: Reading, message: Message) -> str:
        if reading.seq is not None or b'"measured_at"' in message.payload:
            return reading_id(reading.device, message.payload)
        return reading_id(reading.device, message.payload, arrival=self.arrival(message))

    def arrival(self, message: Message) -> str:
        """Name this arrival of a message, whatever it says."""
        self._arrivals += 1
        return f"{message.received_at.timestamp()}/{self._arrivals}"

    def _refuse(self, message: Message, error: DecodeError, outbox: Outbox) -> None:
        self.dead_letters[error.reason] += 1
        if not self._outgoing.owe_dead_letter(outbox, message, error, self.arrival(message)):
            self.counters["dead_letters_dropped"] += 1

    def _take_receipt(self, message: Message, outbox: Outbox) -> None:
        try:
            receipt = decode(message.payload, Receipt)
        except DecodeError as error:
            self._refuse(message, error, outbox)
            return
        self.counters["settled"] += self._outgoing.settle(outbox, (*receipt.stored, *receipt.rejected))

    def _take_status(self, message: Message) -> None:
        try:
            status = decode(message.payload, ServiceStatus)
        except DecodeError:
            self.counters["unreadable_status"] += 1
            return
        online = status.state == "online"
        self.explainer_returned |= online and not self._outgoing.explainer_online
        self._outgoing.explainer_online = online


def _as_decode_error(reason: str, message: Message, expected: str) -> DecodeError:
    return DecodeError(reason, field="topic", value=message.topic, expected=expected, payload=message.payload)
