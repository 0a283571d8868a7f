"""A training part: the beginning of a recording, which a person calls normal. It is learned, and not judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, Final

from contracts.codec import encode
from contracts.reading import reading_id
from detector.configuration.maintenance import Dated
from detector.device.device import DeviceDetector
from detector.models.fit import run_fit
from tocsin.terminal import CommandError
from tocsin.time_words import span_in

if TYPE_CHECKING:
    from datetime import tzinfo

    from contracts.reading import Reading


_ALWAYS: Final = Dated(-inf, inf)


@dataclass(frozen=True, slots=True)
class TrainingPart:
    """Of each device the readings before a time (epoch s), its first ones, or those of its first seconds."""

    until: float = inf
    readings: float = inf
    seconds: float = inf

    def holds(self, at: float, first: float, before: int) -> bool:
        """Tell whether a reading at `at` is in it; the device's first was at `first`, and so many came before this."""
        return at < self.until and at < first + self.seconds and before < self.readings


@dataclass(slots=True)
class Pupil:
    """A device's detector, which studies a training part first, if there is one.

    Attributes:
        part: until it is over.
        studied: readings of the normal course.
        taught: whether a model came of them.
    """

    detector: DeviceDetector
    part: TrainingPart | None
    studied: int = 0
    taught: bool = False
    _first: float | None = None
    _readings: int = 0
    _left_out: list[Reading] = field(default_factory=list)  # since the newest that was studied

    def studies(self, reading: Reading, *, normal: bool) -> bool:
        """Study a reading of the training part, unless it is known not to be normal; False for any other reading.

        Raises:
            FitError: the training part is over, and its rows are of no use.
        """
        if self.part is None:
            return False
        at = reading.measured_at.timestamp()
        self._first = at if self._first is None else self._first
        if not self.part.holds(at, self._first, self._readings):
            self._go_to_work()
            return False
        self._readings += 1
        if normal:
            self.studied += 1
            self.detector.study(reading, reading.measured_at)
            self._left_out.clear()
        else:
            self._left_out.append(reading)
        return True

    def _go_to_work(self) -> None:
        """Fit on the training part; of one that is too short nothing is kept."""
        self.part = None
        if self.detector.learned >= self.detector.needed:
            self.detector.adopt(run_fit(self.detector.job_now()))
            self.taught = True
            self._pass_over()
        else:
            self.detector = DeviceDetector(self.detector.device, self.detector.config)

    def _pass_over(self) -> None:
        """Let what was left out last go by as in maintenance, neither learned nor told: it was no silence."""
        config = self.detector.config
        self.detector.reconfigure(replace(config, maintenance=(_ALWAYS,)))
        for reading in self._left_out:
            self.detector.process(reading, reading_id(reading.device, encode(reading)), reading.measured_at)
        self.detector.reconfigure(config)
        self._left_out.clear()


def training_part(words: str, zone: tzinfo) -> TrainingPart:
    """Read "7d", "5000" (readings), or an ISO time; one that names no zone is of that zone.

    Raises:
        CommandError: it is none of them.
    """
    words = words.strip()
    if words.isdecimal():
        return TrainingPart(readings=int(words))
    try:
        if (span := span_in(words)) is not None:
            return TrainingPart(seconds=span.total_seconds())
        time = datetime.fromisoformat(words)
    except (ValueError, OverflowError):
        expected = "a span such as 7d, a time such as 2026-11-22T06:30, or a number of readings"
        raise CommandError(f"--train-until {words!r}: expected {expected}", code=2) from None
    return TrainingPart(until=(time if time.tzinfo else time.replace(tzinfo=zone)).timestamp())
