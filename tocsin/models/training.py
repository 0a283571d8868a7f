"""Fits models from recordings or the simulator, by the same code that the detector runs, and saves them for it.

What is shown is normal by agreement, but for rows that a recording's own labels call abnormal. It is the whole
reference of the model: a device that starts from it does not let it grow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.reading import Reading
from contracts.topics import encode_level
from detector.bootstrap import detection_config
from detector.device.device import DeviceDetector
from detector.models.fit import FitError, run_fit
from detector.models.model_files import save_model
from detector.refits.refit_rows import PARDONED, inside
from detector.settings import DetectorSettings
from detector.store.recent_readings import RecentReadings
from detector.store.state import StateError
from producer.errors import ProducerError
from producer.simulator.simulator import simulate
from runtime.settings import SettingsError, load_settings
from tocsin.recordings.opening import opened
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from detector.configuration.config import DetectionConfig
    from producer.recordings.layout import LayoutOptions

_RUN = "training"
_TELL_EVERY = 500


@dataclass(slots=True)
class Learner:
    """A device while it is trained."""

    detector: DeviceDetector
    readings: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of a device; `path` is None when its readings were too few."""

    device: str
    readings: int
    rows: int
    needed: int
    metrics: Sequence[str] = ()
    version: int = 0
    path: Path | None = None


@dataclass(slots=True)
class Training:
    """Shows readings to one detector a device, and fits on all of them.

    Args:
        config: of detection.
        only: the one device to train, None for all.
    """

    config: DetectionConfig
    only: str | None = None
    learners: dict[str, Learner] = field(default_factory=dict)

    def show(self, readings: Iterator[Reading], tell: Callable[[int], None]) -> None:
        """Show readings in their order; `tell` hears now and then how many there were."""
        count = 0
        for count, reading in enumerate(readings, 1):
            if self.only is None or reading.device == self.only:
                self._see(reading)
            if count % _TELL_EVERY == 0:
                tell(count)
        tell(count)

    def _see(self, reading: Reading) -> None:
        learner = self.learners.get(reading.device)
        if learner is None:
            learner = self.learners[reading.device] = Learner(DeviceDetector(reading.device, self.config))
        learner.readings += 1
        learner.detector.study(reading, reading.measured_at)

    def save(self, folder: Path) -> list[Learned]:
        """Save every model as `<device>.joblib` with its manifest `<device>.json`, the name encoded as in topics.

        Raises:
            FitError: the rows of a device are of no use.
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        return [self._saved(device, learner, folder) for device, learner in sorted(self.learners.items())]

    def _saved(self, device: str, learner: Learner, folder: Path) -> Learned:
        learned, needed = learner.detector.learned, learner.detector.needed
        if learned < needed:
            return Learned(device, learner.readings, learned, needed)
        model = run_fit(learner.detector.job_now())
        path = folder / f"{encode_level(device)}.joblib"
        save_model(model, path)
        return Learned(device, learner.readings, len(model.rows), needed, model.metrics, model.version, path)


def training(only: str | None) -> Training:
    """Begin a training with the detector's own settings.

    Raises:
        CommandError: a setting is wrong.
    """
    try:
        return Training(detection_config(load_settings(DetectorSettings)), only)
    except SettingsError as error:
        raise CommandError(str(error), code=2) from error


def recorded(files: Sequence[Path], device: str | None, options: LayoutOptions) -> Iterator[Reading]:
    """Read recordings, one after the other; rows that cannot be read or are labelled abnormal are left out.

    Raises:
        RecordingError: a file cannot be read.
    """
    for recording in opened(files, device, options, _RUN):
        for item in recording.items():
            if item.truth is None or not item.truth.anomalous:
                yield item.reading


def remembered(state: Path, only: str | None) -> Iterator[Reading]:
    """Read what the detector keeps of the last hours, without the readings of incidents that nobody has pardoned.

    Raises:
        CommandError: there is no state file, or it cannot be read.
    """
    ring = RecentReadings(state / "state.db")
    try:
        for device in [one.name for one in ring.devices() if only in {None, one.name}]:
            troubles = [span for span in ring.spans(device) if span.verdict != PARDONED]
            for row in ring.window(device):
                if row.score is not None and not inside(row.measured_at.timestamp(), troubles):
                    yield Reading(
                        device=device, values=row.values, measured_at=row.measured_at, clock="replay", run=_RUN
                    )
    except StateError as error:
        raise CommandError(str(error), "is it elsewhere? TOCSIN_STATE_DIR says where the detector keeps it") from error


def simulated(scenario: str, seed: int, seconds: float) -> Iterator[Reading]:
    """Simulate a scenario's normal course: readings that a fault befell are left out.

    Raises:
        ScenarioError: there is no such scenario.
    """
    for reading, truth in simulate(scenario, seed, datetime.now(UTC), seconds, _RUN):
        if truth is None:
            yield reading


def train(training_: Training, readings: Iterator[Reading], folder: Path, tell: Callable[[int], None]) -> list[Learned]:
    """Show all readings and save the models.

    Raises:
        CommandError: the readings cannot be read, nothing can be fitted on them, or nothing can be saved.
    """
    try:
        training_.show(readings, tell)
        return training_.save(folder)
    except (ProducerError, FitError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"cannot save models in {folder}: {error.strerror}", "choose another: --out DIR") from error
