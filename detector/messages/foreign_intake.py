"""Brings foreign readings and absences to the detectors of their devices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.codec import encode
from contracts.reading import reading_id
from detector.fleet.fleet import TooManyDevicesError
from runtime.bus import Message
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detector.fleet.fleet import Fleet
    from detector.foreign.desk import ForeignDesk
    from detector.messages.intake import Intake
    from devices.semantics.memory import Ready
    from runtime.outbox import Outbox

_log = get_logger("detector.foreign")


class ForeignIntake:
    """Works for an Intake, inside its transaction.

    Args:
        desk: reads the messages.
        fleet: of the detectors.
    """

    def __init__(self, desk: ForeignDesk, fleet: Fleet) -> None:
        self.desk = desk
        self._fleet = fleet
        self._to_silence: set[str] = set()

    def take(self, message: Message, intake: Intake, outbox: Outbox) -> None:
        """Score what one message completes.

        Raises:
            DecodeError: it cannot be read.
        """
        ready = self.desk.take(message)
        self._notice(message.received_at)
        self._score(ready, message.topic, message.received_at, intake, outbox)

    def look(self, now: float, intake: Intake, outbox: Outbox) -> None:
        """Score rows whose join window is over; announce who is gone, and who has come back."""
        at = datetime.fromtimestamp(now, UTC)
        self._notice(at)
        self._score(self.desk.due(now), "", at, intake, outbox)
        self._to_silence.update(absence.device for absence in self.desk.absences(now))
        self._to_silence.update(self.desk.overdue(now))
        for device in list(self._to_silence):
            self._silence(device, now, intake)
        for device in self.desk.presence.returned:
            self._return(device, now, intake)
        self.desk.presence.returned.clear()

    def _notice(self, at: datetime) -> None:
        """Say what was noticed; a clock that is wrong is an incident of a device that is learned."""
        for notice in self.desk.noticed(at):
            if notice.reason == "clock":
                self._fleet.suspect_clock(notice.device)

    def _return(self, device: str, now: float, intake: Intake) -> None:
        """End the silence of a gateway that is there again; a device that measures ends it with its next reading."""
        self._to_silence.discard(device)
        if device not in self._fleet or self._fleet[device].detector.metrics:
            return
        tracked, outcome = self._fleet.come_back(device, now)
        intake.scoring.touched[device] = tracked
        if outcome is not None:
            intake.scoring.raise_anomaly(outcome, now)

    def _silence(self, device: str, now: float, intake: Intake) -> None:
        try:
            tracked, outcome = self._fleet.fall_silent(device, now)
        except TooManyDevicesError as error:
            _log.warning("a gateway is gone, and there is no room for it", device=device, reason=str(error))
            self._to_silence.discard(device)
            return
        intake.scoring.touched[device] = tracked
        if outcome is not None:
            intake.scoring.raise_anomaly(outcome, now)
        if outcome is None or tracked.detector.state == "silent":
            self._to_silence.discard(device)

    def _score(self, ready: Iterable[Ready], topic: str, received_at: datetime, intake: Intake, outbox: Outbox) -> None:
        for one in ready:
            payload = encode(one.reading)
            message = Message(topic, payload, False, False, received_at, None)  # noqa: FBT003 - neither old nor again
            identity = payload if one.identity is None else one.identity
            name = reading_id(
                one.reading.device, identity, arrival="" if one.identity is not None else intake.arrival(message)
            )
            intake.accept(one.reading, name, message, outbox)
