"""Labelled readings to judge: recordings with their label columns, or the simulator with its faults."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.reading import Truth
from detector.bootstrap import detection_config
from detector.settings import DetectorSettings
from producer.simulator.simulator import simulate
from runtime.settings import SettingsError, load_settings
from tocsin.evaluation.fault_times import unplaced
from tocsin.evaluation.judging import Judging
from tocsin.recordings.opening import opened
from tocsin.terminal import CommandError, counted, errors, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from contracts.reading import Reading
    from producer.recordings.layout import LayoutOptions
    from tocsin.evaluation.judging import Labelled
    from tocsin.evaluation.spans import Span
    from tocsin.evaluation.training_part import TrainingPart

_RUN = "judged"
_START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday; the same stream every time


def recorded(files: Sequence[Path], device: str | None, options: LayoutOptions) -> Iterator[Labelled]:
    """Read recordings, one after the other, with their labels where they have some.

    Raises:
        RecordingError: a file cannot be read.
    """
    for recording in opened(files, device, options, _RUN):
        labelled = bool(recording.layout.labels)
        for item in recording.items():
            yield item.reading, item.truth or (_healthy(item.reading) if labelled else None)


def simulated(scenario: str, seed: int, seconds: float) -> Iterator[Labelled]:
    """Simulate a scenario with its faults.

    Raises:
        ScenarioError: there is no such scenario.
    """
    for reading, truth in simulate(scenario, seed, _START, seconds, _RUN):
        yield reading, truth or _healthy(reading)


def judged(
    readings: Iterable[Labelled],
    only: str | None,
    given: Sequence[Span] | None = None,
    part: TrainingPart | None = None,
) -> Judging:
    """Show readings to detectors with the detector's own settings, with a counter on the screen.

    Args:
        readings: with their labels.
        only: the one device to judge, None for all.
        given: faults by their times; None where nobody gave any.
        part: what is learned first, and not judged.

    Raises:
        CommandError: a setting is wrong, or the readings cannot be read, or there are none.
    """
    try:
        judging = Judging(detection_config(load_settings(DetectorSettings)), only, given, part)
    except SettingsError as error:
        raise CommandError(str(error), code=2) from error
    with errors().status("judging") as status:
        judging.show(readings, lambda count: status.update(f"judging: {count:,} readings"))
    if not judging.tracks and judging.pupils:
        raise CommandError("all readings are in the training part: none is left to judge")
    if not judging.tracks:
        raise CommandError(f"no reading of device {only!r}" if only else "no readings")
    for remark in _remarks(judging):
        errors().print(remark, style="yellow")
    return judging


def _remarks(judging: Judging) -> Iterator[str]:
    if left_out := unplaced(judging.given or (), judging.tracks.values()):
        yield f"{counted(len(left_out), 'fault')} left out: no reading of their device was judged at their time"
    for device, pupil in judging.pupils.items():
        if judging.part is not None and device in judging.tracks and not pupil.taught:
            few = f"{counted(pupil.studied, 'normal reading')} to learn from, {judging.config.warm_up} are needed"
            yield f"{printable(device)}: {few} (TOCSIN_WARM_UP); it learns from what follows"


def _healthy(reading: Reading) -> Truth:
    return Truth(device=reading.device, measured_at=reading.measured_at, anomalous=False)
