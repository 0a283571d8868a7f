from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detector.device.device import DeviceDetector
from detector.rows.stream import Stream
from detector.verdicts.course import Course
from detector.verdicts.evidence import Bounds
from detector.verdicts.exhibit import shown
from detector.verdicts.observation import Observation
from tests.unit.detector.streams import QUICK, START, Values, feed, noise, readings

if TYPE_CHECKING:
    from contracts.anomaly import Anomaly, Contribution

FAULT = 400
CONFIG = replace(QUICK, update_every=4.0)


def _said(rows: list[Values], device: DeviceDetector | None = None, interval: float = 1.0) -> list[Anomaly]:
    """Return what is said of the incident that opens with the fault."""
    outcomes = feed(device or DeviceDetector("press", CONFIG), readings(rows, interval))
    said = [o.anomaly for o in outcomes[FAULT:] if o.anomaly is not None]
    return [one for one in said if one.incident.id == said[0].incident.id]


def _moved(rows: list[Values], metric: str, offsets: np.ndarray) -> None:
    for row, offset in zip(rows[FAULT:], offsets.tolist(), strict=False):
        row[metric] = (row[metric] or 0.0) + offset


def _of(anomaly: Anomaly, metric: str) -> Contribution:
    return next(one for one in anomaly.contributions if one.metric == metric)


def _after(course: np.ndarray, level: float, rows: int = 80) -> np.ndarray:
    """Let a course end at a level that is only somewhat odd, and lasts."""
    return np.concatenate([course, np.full(rows, level)])


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("up", [1.0, -1.0])
def test_shift_that_has_ended_keeps_its_direction_and_figures(seed: int, up: float) -> None:
    """While lasting evidence keeps an incident open, its figures are those of the shift, not of the newest reading."""
    rows = noise(600, seed=seed)
    _moved(rows, "m2", _after(np.full(40, 45.0 * up), -8.0 * up))
    said = _said(rows)
    later = [one for one in said if one.incident.readings > 48]
    assert later, "the incident was kept open by lasting evidence"
    for anomaly in said:
        first = anomaly.contributions[0]
        assert first.metric == "m2"
        assert first.observed is not None
        assert (first.observed - 150.0) * up > 20.0
    assert {one.kind for one in said[-1:]} == {"level_shift"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_drift_that_returns_keeps_its_direction_and_figures(seed: int) -> None:
    """A drift that went back is told with the figures it reached."""
    rows = noise(700, seed=seed)
    _moved(rows, "m1", _after(np.linspace(0.0, 40.0, 60), -8.0))
    later = [one for one in _said(rows) if one.incident.readings > 62]
    assert later
    assert all((_of(one, "m1").observed or 0.0) > 115.0 for one in later)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_spike_followed_by_the_other_side_keeps_its_direction(seed: int) -> None:
    """A spike down that swings back beyond the usual is told with the figures of the spike."""
    rows = noise(600, seed=seed)
    _moved(rows, "m1", _after(np.array([-60.0]), 5.5))
    said = _said(rows)
    assert len(said) > 2
    assert all((_of(one, "m1").observed or 0.0) < 60.0 for one in said)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_stuck_value_that_moves_again_is_told_with_the_value_it_kept(seed: int) -> None:
    """What a rule found is told with what was seen when it was found last."""
    rows = noise(600, seed=seed)
    for row in rows[FAULT : FAULT + 30]:
        row["m3"] = 203.5
    _moved(rows[30:], "m3", np.full(80, -16.0))
    said = [one for one in _said(rows) if one.kind == "stuck"]
    assert said[-1].incident.readings > 30
    assert all(_of(one, "m3").observed == 203.5 for one in said if one.contributions)


def test_trouble_that_goes_on_is_told_with_its_newest_figures() -> None:
    """As long as the newest reading shows the trouble, its figures are told."""
    rows = noise(600, seed=1)
    _moved(rows, "m2", np.linspace(60.0, 50.0, 200))
    updates = [one for one in _said(rows) if one.values is not None]
    assert len(updates) > 10
    assert all(_of(one, "m2").observed == one.values["m2"] for one in updates if one.values)


def test_closing_carries_the_evidence_of_the_whole() -> None:
    """The last word on an incident names metrics with the figures of its course, and carries no reading."""
    rows = noise(600, seed=1)
    _moved(rows, "m2", np.full(30, 45.0))
    last = _said(rows)[-1]
    assert last.incident.phase == "close"
    assert last.values is None
    assert last.reading_id is None
    first = last.contributions[0]
    assert first.metric == "m2"
    assert first.observed is not None
    assert first.observed > 170.0
    assert sum(one.share for one in last.contributions) == pytest.approx(1.0)


def test_an_incident_closes_under_the_name_of_its_largest_part() -> None:
    """A shift of a hundred readings during which another metric stands still for fifteen is a shift in the end."""
    rows = noise(700, seed=1)
    _moved(rows, "m2", np.full(100, 45.0))
    for row in rows[FAULT + 50 : FAULT + 65]:
        row["m1"] = rows[FAULT + 50]["m1"]
    said = _said(rows)
    assert "stuck" in {one.kind for one in said}
    assert [one.kind for one in said if one.incident.phase == "close"] == ["level_shift"]


def test_an_incident_is_renamed_only_now_and_then() -> None:
    """What swings between two shapes keeps its name from reading to reading, though each is told."""
    rows = noise(800, seed=2)
    _moved(rows, "m1", np.where(np.arange(300) % 20 < 4, 60.0, np.linspace(5.0, 25.0, 300)))
    said = _said(rows, DeviceDetector("press", replace(QUICK, update_every=1.0)))
    names = [one.kind for one in said]
    assert len(names) > 100
    assert sum(one != other for one, other in pairwise(names)) <= 4


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_long_fault_with_a_higher_rebound_keeps_its_side(seed: int) -> None:
    """A fan that stood for a hundred readings and overshot for ten was too low."""
    rows = noise(700, seed=seed)
    _moved(rows, "m2", np.concatenate([np.full(100, -45.0), np.full(10, 70.0)]))
    last = _said(rows)[-1]
    assert last.incident.phase == "close"
    assert last.contributions[0].metric == "m2"
    assert (_of(last, "m2").observed or 0.0) < 120.0


def test_usual_is_what_was_when_the_incident_opened() -> None:
    """What a model learns of an incident that lasts does not make its figures usual."""
    rows = noise(1600, seed=1)
    _moved(rows, "m2", np.full(1100, 45.0))
    last = _said(rows, interval=5.0)[-1]
    assert last.contributions[0].metric == "m2"
    assert last.model.version > 1
    assert (_of(last, "m2").observed or 0.0) > (_of(last, "m2").upper or 0.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_else_left_its_usual_range_is_shown_as_far_as_it_did(seed: int) -> None:
    """A second metric that was out for a part of the incident is not told to be usual."""
    rows = noise(600, seed=seed)
    _moved(rows, "m2", np.full(60, 45.0))
    _moved(rows[20:], "m1", np.full(10, 40.0))
    last = _said(rows)[-1]
    assert last.contributions[0].metric == "m2"
    assert (_of(last, "m1").observed or 0.0) > 120.0


def test_an_incident_that_is_the_way_back_shows_what_it_came_back_from() -> None:
    """Where a trouble is only noticed as it ends, it is not told with the usual value that followed it."""
    stream, course = Stream(60), Course()
    stream.know(["heat"])

    def take(value: float) -> None:
        stream.take(np.array([0]), np.array([value]), 0.0, 0.0)

    for n in range(40):
        take(10.0 if n < 25 else 28.0)
    take(11.5)
    course.begin(stream, incoherent=False)
    course.usual = Bounds({"heat": 10.0}, {"heat": 8.0}, {"heat": 12.0})
    take(11.4)
    course.add(stream, abnormal=True, incoherent=False)
    told = Observation("press", "now", 0.0, START, stream, None)
    assert shown(told, course, "level_shift", {"heat": 1.0})[0].observed == 11.4
    assert shown(told, course, "level_shift", {"heat": 1.0}, whole=True)[0].observed == 28.0
