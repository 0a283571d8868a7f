"""What people know of a device: ranges, maintenance windows, when the machine is off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from detector.configuration.context import OffRule
from detector.device.device import DeviceDetector
from tests.unit.detector.streams import QUICK, START, feed, noise, opened, readings

if TYPE_CHECKING:
    from detector.device.device import Outcome
    from tests.unit.detector.streams import Values

ROWS = 500
FAULT = range(200, 260)


@dataclass(frozen=True)
class Span:
    """Seconds of the stream."""

    first: float
    last: float

    def covers(self, at: float) -> bool:
        """Tell whether it holds a moment."""
        return self.first <= at - START.timestamp() <= self.last


def worked_on() -> list[Values]:
    """Noise in which everything is odd for a while."""
    rows = noise(ROWS, seed=7)
    for n in FAULT:
        rows[n] = {name: 3.0 * (value or 0.0) for name, value in rows[n].items()}
    return rows


def test_maintenance_opens_and_teaches_nothing() -> None:
    """Within the window nothing rings and nothing is learned; a fault behind it rings as ever."""
    rows = worked_on()
    for row in rows[400:410]:
        row["m1"] = 300.0
    window = Span(FAULT.start - 5, FAULT.stop)
    outcomes = feed(DeviceDetector("press", replace(QUICK, maintenance=(window,))), readings(rows))
    assert not any(outcome.alarm for outcome in outcomes[FAULT.start - 5 : FAULT.stop + 10])
    assert opened(outcomes) in ([400], [401])


def test_maintenance_is_told_and_ends() -> None:
    """The device says that it is under maintenance while it is, and no longer."""
    device = DeviceDetector("press", replace(QUICK, maintenance=(Span(200, 260),)))
    stream = readings(noise(ROWS, seed=7))
    seen = []
    for reading in stream:
        feed(device, [reading])
        seen.append(device.maintenance)
    assert seen == [200 <= n <= 260 for n in range(ROWS)]


def test_nothing_is_learned_while_the_machine_is_off() -> None:
    """Rows of a machine that is off, by a rule that was given, count neither for the warm-up nor as trouble."""
    rows = noise(ROWS, 3, seed=8)
    for n in [*range(40), *range(200, 300)]:
        rows[n] = {"m0": 0.5, "m1": 0.0, "m2": 0.1}
    device = DeviceDetector("press", replace(QUICK, off=(OffRule("m0", 5.0),)))
    outcomes = feed(device, readings(rows[:60]))
    assert device.learned < 20
    outcomes += feed(device, readings(rows)[60:])
    assert opened(outcomes) == []
    assert not any(outcome.alarm for outcome in outcomes[200:300])


def _severities(value: float) -> list[Outcome]:
    rows = noise(ROWS, 1, seed=3)
    rows[FAULT.start]["m0"] = value
    config = replace(QUICK, ranges={"m0": (0.0, 100.0)})
    return [o for o in feed(DeviceDetector("press", config), readings(rows)) if o.anomaly is not None]


@pytest.mark.parametrize(("value", "severity"), [(101.0, "minor"), (109.0, "major"), (180.0, "critical")])
def test_the_further_out_of_range_the_worse(value: float, severity: str) -> None:
    """A value just beyond its limit is minor, one far beyond is critical, and so is the incident that closes."""
    said = [outcome.anomaly for outcome in _severities(value)]
    assert {(one.kind, one.severity) for one in said if one is not None} == {("out_of_range", severity)}
