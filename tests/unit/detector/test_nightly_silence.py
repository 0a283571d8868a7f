"""A device that is off every night: told on the first nights, quiet later, told when it does not come back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from detector.device.device import DeviceDetector
from tests.unit.detector.streams import QUICK, START, feed, named, noise, readings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.anomaly import Anomaly
    from contracts.reading import Clock, Reading

MINUTES = 1
A_DAY = 24 * 60 // MINUTES
ON, OFF = 7 * 60, 22 * 60  # readings after midnight: from 7:00 to 22:00
DAYS = 8


def days(clock: Clock = "device", *, away: Sequence[int] = ()) -> list[Reading]:
    """Readings by day only, later or sooner by some minutes; none at all on the days that it is `away`."""
    stream = readings(noise(DAYS * A_DAY, seed=3), 60.0 * MINUTES, clock=clock, run="r" if clock == "replay" else None)
    return [
        one
        for n, one in enumerate(stream)
        if ON - n // A_DAY % 3 * 5 <= n % A_DAY < OFF + n // A_DAY % 2 * 20 and n // A_DAY not in away
    ]


def lived(device: DeviceDetector, stream: list[Reading], *, restart_at: int | None = None) -> list[Anomaly]:
    """Let a device send by the clock, with a look at the timers every minute; return what was published."""
    told: list[Anomaly] = []
    by_time = {one.measured_at: one for one in stream}
    for n in range(DAYS * A_DAY):
        now = START + timedelta(minutes=MINUTES * n)
        one = by_time.get(now)
        outcomes = feed(device, [one]) if one else [device.tick(now)]
        told += [o.anomaly for o in outcomes if o is not None and o.anomaly is not None]
        if n == restart_at:
            scorer = device._scorer
            device = DeviceDetector.restore("press", QUICK, device.snapshot(), scorer.model if scorer else None)
    return told


def openings(told: list[Anomaly]) -> list[tuple[str, int, int]]:
    """Return kind, day and hour of what was opened."""
    times = [(one.kind, one.measured_at - START) for one in told if one.incident.phase in {"open", "reopen"}]
    return [(kind, at.days, at.seconds // 3600) for kind, at in times]


@pytest.mark.parametrize(
    "restart_at", [None, 4 * A_DAY + 23 * 60, 5 * A_DAY + 12 * 60], ids=["running", "by night", "by day"]
)
def test_a_device_that_is_off_every_night_is_told_on_three(restart_at: int | None) -> None:
    """From the fourth night on nothing is told, and the device is silent none the less, until the morning."""
    device = DeviceDetector("press", QUICK)
    told = lived(device, days(), restart_at=restart_at)
    assert openings(told) == [("silence", day, 22) for day in range(3)]
    if restart_at is None:
        assert (device.state, device.recurring) == ("silent", DAYS - 3)


def test_one_that_does_not_come_back_in_the_morning_is_told() -> None:
    """An hour later than it should be there, the silence that began at night is an incident."""
    told = lived(DeviceDetector("press", QUICK), days(away=[6]))
    (*nights, late) = openings(told)
    assert [night[1] for night in nights] == [0, 1, 2]
    assert late[:2] == ("silence", 6)
    assert 8 <= late[2] <= 10
    assert told[-1].incident.phase == "close"


def test_silence_by_day_is_told_on_any_day() -> None:
    """A device that falls silent at noon is told, whatever it does by night."""
    stream = [one for one in days() if not ((one.measured_at - START).days == 6 and 12 <= one.measured_at.hour < 16)]
    assert openings(lived(DeviceDetector("press", QUICK), stream))[3:] == [("silence", 6, 12)]


def test_a_recording_of_nights_is_judged_alike() -> None:
    """In a replay the gap itself tells, in the morning; from the fourth on it does not."""
    told = [o.anomaly for o in feed(DeviceDetector("press", QUICK), days("replay")) if o.anomaly is not None]
    assert [opening[:2] for opening in openings(told)] == [("silence", day) for day in (1, 2, 3)]


def test_a_silence_called_a_false_positive_stays_quiet() -> None:
    """What people want no word of is not told later either."""
    device, stream = DeviceDetector("press", QUICK), days()
    first = [one for one in stream if one.measured_at < START + timedelta(days=1)]
    feed(device, first)
    silent = device.tick(START + timedelta(hours=23))
    assert silent is not None
    assert silent.anomaly is not None
    device.feedback(silent.anomaly.incident.id, "false_positive")
    second = [one for one in stream if timedelta(days=1) <= one.measured_at - START < timedelta(days=2)]
    for one in second:
        device.process(one, named(one), one.measured_at)
    quiet = device.tick(START + timedelta(days=1, hours=23))
    assert quiet is not None
    assert quiet.anomaly is None
    assert device.next_deadline is None
