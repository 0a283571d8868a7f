"""What comes back at the same time of day: told on the first days, quiet later, told again when it is different."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace as replace_struct

from detector.device.device import DeviceDetector, run_fit
from detector.rows.time_units import DAY_S, HOUR_S
from detector.verdicts.likeness import Likeness
from detector.verdicts.recollection import Case
from detector.verdicts.recurrence import Occurrence, may_last
from tests.unit.detector.streams import QUICK, feed, named, noise, opened, readings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.device.device import Outcome
    from tests.unit.detector.streams import Values

MINUTES = 10
A_DAY = 24 * 60 // MINUTES
DAYS = 12
JOB = 20  # readings after midnight
LASTS = 3


def nights(jobs: Mapping[int, int], lasts: Mapping[int, int] | None = None, size: float = 60.0) -> list[Values]:
    """Noise with a job that lifts m1 on the days of `jobs`, at so many readings after midnight."""
    rows = noise(DAYS * A_DAY, seed=4)
    for day, reading in jobs.items():
        start = day * A_DAY + reading
        for row in rows[start : start + (lasts or {}).get(day, LASTS)]:
            row["m1"] = (row["m1"] or 0.0) + size
    return rows


def days_told(rows: list[Values], device: DeviceDetector) -> list[int]:
    """Return the days on which an incident was told."""
    return [at // A_DAY for at in opened(judged(rows, device))]


def judged(rows: list[Values], device: DeviceDetector) -> list[Outcome]:
    """Judge a reading every ten minutes."""
    return feed(device, readings(rows, interval=60.0 * MINUTES))


def test_what_comes_every_night_is_told_on_three_of_them() -> None:
    """From the fourth night on a backup rings no more, though it begins up to an hour sooner or later."""
    jobs = {day: JOB + day % 3 for day in range(2, DAYS)}
    device = DeviceDetector("press", QUICK)
    outcomes = judged(nights(jobs), device)
    assert [at // A_DAY for at in opened(outcomes)] == [2, 3, 4]
    assert all(outcomes[day * A_DAY + jobs[day]].alarm for day in range(2, 6))
    assert (device.state, device.incident) == ("ready", None)
    assert device.recurring >= 1


def test_zero_days_tell_every_time() -> None:
    """People who want to hear of each say so."""
    device = DeviceDetector("press", replace(QUICK, recurring_days=0))
    assert days_told(nights(dict.fromkeys(range(2, 9), JOB)), device) == list(range(2, 9))


def test_another_time_of_day_rings() -> None:
    """The same at noon is another matter."""
    jobs = dict.fromkeys(range(2, 5), JOB) | {5: JOB + A_DAY // 2}
    assert days_told(nights(jobs), DeviceDetector("press", QUICK)) == [2, 3, 4, 5]


def test_what_comes_often_at_any_time_is_told_five_times() -> None:
    """A kettle keeps no hours: after five times, within a week and not all in half a day, it is how the house lives."""
    jobs = {2: 20, 3: 70, 4: 120, 5: 40, 6: 95, 7: 10, 8: 60, 9: 130}
    assert days_told(nights(jobs), DeviceDetector("press", QUICK)) == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("grows", [True, False])
def test_what_comes_back_need_not_be_quite_the_same_while_the_reference_grows(*, grows: bool) -> None:
    """A freezer's door moves one temperature more than the other, or the other way round."""
    looks = [Likeness(("air", "product"), "level_shift", 1, 2.0), Likeness(("product", "air"), "level_shift", 1, 1.0)]
    cases = [Case(looks[n % 2], at=n * DAY_S + 60.0, began=n, ended=n + 1, since=n * DAY_S) for n in range(5)]
    now = Occurrence(Likeness(("product",), "spike", 1, 1.2), 1, began=5 * DAY_S - 7 * HOUR_S, known=0.0, grows=grows)
    assert (may_last(cases, now, days=3) is not None) is grows
    other = replace_struct(now, likeness=Likeness(("door",), "spike", 1, 1.2))
    larger = replace_struct(now, likeness=Likeness(("air",), "spike", 1, 9.0))
    assert may_last(cases, other, days=3) is may_last(cases, larger, days=3) is None


@pytest.mark.parametrize(
    ("apart_s", "known_s", "usual"), [(1800.0, 5.0, True), (1800.0, 60.0, False), (900.0, 1.5, False)]
)
def test_often_is_measured_by_how_long_a_device_is_known(apart_s: float, known_s: float, *, usual: bool) -> None:
    """A pump stops every half hour from its first hours on; five times in two hours of its third day are a trouble."""
    look = Likeness(("flow",), "spike", -1, 2.0)
    began = 10 * DAY_S
    cases = [Case(look, began - n * apart_s + 30.0, 0, 1, since=began - n * apart_s) for n in range(6, 0, -1)]
    now = Occurrence(look, 1, began, known=began - known_s * HOUR_S, grows=True)
    assert (may_last(cases, now, days=3) is not None) is usual


def test_what_takes_far_longer_than_ever_is_told() -> None:
    """A job that hangs for three hours is told while it hangs."""
    jobs = dict.fromkeys(range(2, 8), JOB)
    outcomes = judged(nights(jobs, {7: 18}), DeviceDetector("press", QUICK))
    late = opened(outcomes)[-1]
    assert [at // A_DAY for at in opened(outcomes)] == [2, 3, 4, 7]
    assert LASTS < late - (7 * A_DAY + JOB) < 18


@pytest.mark.parametrize("change", [-60.0, 400.0], ids=["other direction", "much larger"])
def test_what_looks_different_is_told(change: float) -> None:
    """A dip where a peak was, or a peak many times as high, is told on its day."""
    rows = nights(dict.fromkeys(range(2, 6), JOB))
    for row in rows[6 * A_DAY + JOB : 6 * A_DAY + JOB + LASTS]:
        row["m1"] = (row["m1"] or 0.0) + change
    assert days_told(rows, DeviceDetector("press", QUICK)) == [2, 3, 4, 6]


def test_what_stayed_away_for_a_week_is_told_again() -> None:
    """Nobody remembers a job of last week."""
    rows = nights(dict.fromkeys((2, 3, 4), JOB) | {11: JOB})
    assert days_told(rows, DeviceDetector("press", QUICK)) == [2, 3, 4, 11]


def test_what_was_confirmed_is_told_every_time() -> None:
    """A trouble that comes every night is none the less one, once somebody has said so."""
    stream = readings(nights(dict.fromkeys(range(2, 7), JOB)), interval=60.0 * MINUTES)
    device = DeviceDetector("press", QUICK)
    before = feed(device, stream[: 4 * A_DAY])
    anomaly = before[opened(before)[0]].anomaly
    assert anomaly is not None
    assert device.feedback(anomaly.incident.id, "confirmed")
    assert len(opened(before)) == 2
    assert len(opened(feed(device, stream[4 * A_DAY :]))) == 3


def test_a_trouble_that_lasts_for_days_is_no_job() -> None:
    """What goes on for seventeen hours on each of three days is not what passes by itself."""
    jobs = dict.fromkeys(range(2, 7), JOB)
    assert days_told(nights(jobs, dict.fromkeys(jobs, 102)), DeviceDetector("press", QUICK)) == [2, 3, 4, 5, 6]


def test_a_snapshot_keeps_what_is_usual() -> None:
    """A detector that was saved and restored in between tells the same."""
    stream = readings(nights(dict.fromkeys(range(2, 9), JOB)), interval=60.0 * MINUTES)
    device, model = DeviceDetector("press", QUICK), None
    told = 0
    for reading in stream[: 5 * A_DAY]:
        told += len(opened([device.process(reading, named(reading), reading.measured_at)]))
        if device.fit_job is not None:
            model = run_fit(device.fit_job)
            device.adopt(model)
    again = DeviceDetector.restore("press", QUICK, device.snapshot(), model)
    assert told == 3
    assert opened(feed(again, stream[5 * A_DAY :])) == []
