"""Shows readings to the detector, one by one, as the service would, and keeps what it says of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.codec import encode
from contracts.reading import reading_id
from detector.device.device import DeviceDetector
from detector.models.fit import FitError, run_fit
from producer.errors import ProducerError
from tocsin.evaluation.track import Track
from tocsin.evaluation.training_part import Pupil
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from contracts.reading import Reading, Truth
    from detector.configuration.config import DetectionConfig
    from tocsin.evaluation.spans import Span
    from tocsin.evaluation.training_part import TrainingPart

    Labelled = tuple[Reading, Truth | None]

_TELL_EVERY = 500


@dataclass(slots=True)
class Judging:
    """Judges readings by one detector a device, and fits whenever one asks for it.

    Args:
        config: of detection.
        only: the one device to judge, None for all.
        given: faults by their times, beside those that labels tell; None where nobody gave any.
        part: what is learned first, and not judged; None for nothing.
    """

    config: DetectionConfig
    only: str | None = None
    given: Sequence[Span] | None = None
    part: TrainingPart | None = None
    tracks: dict[str, Track] = field(default_factory=dict)
    pupils: dict[str, Pupil] = field(default_factory=dict)

    def show(self, readings: Iterable[Labelled], tell: Callable[[int], None]) -> None:
        """Show readings with their labels (None: they have none); `tell` hears now and then how many there were.

        Raises:
            CommandError: they cannot be read.
        """
        count = 0
        try:
            for count, (reading, truth) in enumerate(readings, 1):
                if self.only is None or reading.device == self.only:
                    self._see(reading, truth)
                if count % _TELL_EVERY == 0:
                    tell(count)
        except (ProducerError, FitError) as error:
            raise CommandError(str(error)) from error
        for track in self.tracks.values():
            track.end(self.given)
        tell(count)

    def _see(self, reading: Reading, truth: Truth | None) -> None:
        pupil = self.pupils.get(reading.device)
        if pupil is None:
            detector = DeviceDetector(reading.device, self.config)
            pupil = self.pupils[reading.device] = Pupil(detector, self.part)
        if not pupil.studies(reading, normal=not self._abnormal(reading, truth)):
            self._judge(pupil, reading, truth)

    def _judge(self, pupil: Pupil, reading: Reading, truth: Truth | None) -> None:
        detector, track = pupil.detector, self.tracks.get(reading.device)
        if track is None:
            track = self.tracks[reading.device] = Track(reading.device, learned_at=0 if pupil.taught else None)
        outcome = detector.process(reading, reading_id(reading.device, encode(reading)), reading.measured_at)
        if outcome.late:
            return
        track.add(reading, outcome, detector.expectation(), truth)
        if (job := detector.fit_job) is not None:
            detector.adopt(run_fit(job))
            if track.learned_at is None:
                track.learned_at = len(track.times)

    def _abnormal(self, reading: Reading, truth: Truth | None) -> bool:
        """Tell whether anybody calls a reading abnormal."""
        at = reading.measured_at.timestamp()
        return (truth is not None and truth.anomalous) or any(
            span.start <= at <= span.end and span.device in {None, reading.device} for span in self.given or ()
        )
