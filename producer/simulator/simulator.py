"""The simulator's pure interface: a scenario and a seed become readings in the order of their times."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from producer.simulator.device_source import DeviceSource
from producer.simulator.fault_plan import FaultPlan
from producer.simulator.scenario_files import load_scenario
from producer.simulator.stamped_device import StampedDevice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.reading import Reading, Truth
    from producer.simulator.scenario import Scenario

_SLICE_READINGS = 2_000  # merged at a time


def simulate(
    scenario: Scenario | str, seed: int, start: datetime, duration: float | None = None, run: str | None = None
) -> Iterator[tuple[Reading, Truth | None]]:
    """Readings of all devices in the order of `measured_at`, each with the fault that befell it.

    The readings carry the replay clock, so that a detector's timers follow their times. The same arguments give the
    same stream; a longer duration only adds to its end. A truth belongs to the reading beside it, except for silence,
    which has no reading: its truth (fault "silence", `measured_at` = its start) comes with the last reading before it.
    A truth's size is a signed multiple of the metric's healthy spread.

    Args:
        scenario: a scenario, or the name or path of one.
        seed: of everything drawn.
        start: time of the first readings; must have a zone.
        duration: seconds of simulated time; None for an endless stream.
        run: name of the run, by default made of scenario and seed.

    Raises:
        ScenarioError: the scenario cannot be loaded.
        ValueError: `start` has no zone.
    """
    loaded = load_scenario(scenario) if isinstance(scenario, str) else scenario
    devices = _devices(loaded, seed, start, run or f"{loaded.name}-{seed}"[:64])
    return _merged(devices, loaded.rate, math.inf if duration is None else duration)


def simulate_live(
    scenario: Scenario, seed: int, start: datetime, duration: float | None = None
) -> Iterator[tuple[Reading, Truth | None]]:
    """The same stream with the device's clock and without a run, for publishing at the readings' times."""
    devices = _devices(scenario, seed, start, None)
    return _merged(devices, scenario.rate, math.inf if duration is None else duration)


def _devices(scenario: Scenario, seed: int, start: datetime, run: str | None) -> list[StampedDevice]:
    if start.tzinfo is None:
        raise ValueError("start must have a time zone")
    plan = FaultPlan(scenario, seed)
    utc = start.astimezone(UTC)
    second_of_day = (utc - utc.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    sources = [DeviceSource(member, plan, seed, second_of_day) for member in scenario.members()]
    return [StampedDevice(source, utc, "device" if run is None else "replay", run) for source in sources]


def _merged(devices: list[StampedDevice], rate: float, duration: float) -> Iterator[tuple[Reading, Truth | None]]:
    """Slices of time, each merged by one sort."""
    step = _SLICE_READINGS / rate
    turn = 0
    while turn * step < duration:
        turn += 1
        end = min(turn * step, duration)
        due = [entry for device in devices for entry in device.until(end)]
        due.sort(key=itemgetter(0))  # stable: devices keep their order at equal times
        for _, device, lines, index in due:
            yield device.message(lines, index)
