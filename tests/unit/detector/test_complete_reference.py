from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detector.device.device import DeviceDetector, run_fit
from detector.models.notice import READINGS, Notice
from detector.models.scaling import fit_features
from detector.models.settled import Settled
from tests.unit.detector.streams import QUICK, feed, noise, opened, readings

scores = st.lists(st.floats(0, 1), min_size=1, max_size=300)


def trained(rows: int = 300) -> DeviceDetector:
    """Return a device that was given a training part."""
    device = _taught(rows)
    device.adopt(run_fit(device.job_now()))
    return device


def _taught(rows: int = 300) -> DeviceDetector:
    device = DeviceDetector("press", QUICK)
    for reading in readings(noise(rows)):
        device.study(reading, reading.measured_at)
    return device


def test_a_training_part_is_the_whole_reference() -> None:
    """After a training part the model is complete, and no reading that follows changes it."""
    device = trained()
    assert device.model is not None
    version = device.model.version
    feed(device, readings(noise(1000, seed=1))[300:])
    assert device.model.version == version


def test_a_device_that_begins_with_a_trained_model_keeps_it() -> None:
    """A model of a training part is complete wherever it is used: neither a new device nor an old one grows it."""
    model = run_fit(_taught().job_now())
    pupil, old = DeviceDetector("press", QUICK), DeviceDetector("press", QUICK)
    pupil.begin_with(model)
    feed(pupil, readings(noise(600, seed=1)))
    feed(old, readings(noise(100, seed=2)))
    old.adopt(replace(model, version=9))
    feed(old, readings(noise(700, seed=2))[100:])
    assert pupil.model is not None
    assert old.model is not None
    assert (pupil.model.version, old.model.version) == (1, 9)


def test_late_readings_of_a_training_part_are_left_out() -> None:
    """What comes out of order is not learned, as when it is judged."""
    device = DeviceDetector("press", QUICK)
    rows = readings(noise(100))
    for reading in [*rows[:50], rows[10], *rows[50:]]:
        device.study(reading, reading.measured_at)
    assert device.job_now().learned == 100


def test_scores_of_gross_values_do_not_tie() -> None:
    """With a complete reference a worse reading has a higher score, however bad both are."""
    marks = []
    for size in (60.0, 600.0, 6000.0):
        device, rows = trained(), noise(311)
        rows[310] = dict.fromkeys(rows[0], 50.0 + size)
        outcomes = feed(device, readings(rows)[300:])
        marks.append(outcomes[-1].score)
        assert outcomes[-1].alarm
        assert opened(outcomes) == [10]
    assert marks == sorted(marks)
    assert 0.5 < marks[0] < marks[1] < 1.0


def test_suspicion_names_the_metric_that_moved() -> None:
    """Of the newest reading, the metric that left its course is further out than all others."""
    device = trained()
    rows = noise(330)
    for row in rows[320:]:
        row["m2"] = 400.0
    feed(device, readings(rows)[300:])
    parts = device.suspicion()
    assert max(parts, key=lambda name: parts[name]) == "m2"
    assert min(parts.values()) >= 0.0


def test_drift_ends_with_a_complete_reference() -> None:
    """The scale of a complete reference stops growing after half its length; that of a growing one does not."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=(400, 3)), axis=0)
    places = np.arange(400)
    whole, young = (fit_features(walk, places, complete=complete) for complete in (True, False))
    assert np.array_equal(whole.spread(200.0), whole.spread(1e6))
    assert (young.spread(1000.0) > young.spread(200.0)).all()


@given(marks=scores)
def test_news_is_what_exceeds_the_last_hundred(marks: list[float]) -> None:
    """A score is news when none of the 100 before it was as high, also when the state is rebuilt in between."""
    notice = Notice()
    for n, mark in enumerate(marks):
        before = marks[max(n - READINGS, 0) : n]
        notice = Notice(*notice.state())
        assert notice.take(mark) == (mark if mark > max(before, default=-1.0) else 0.0)


def test_settled_scores_of_an_earlier_version_are_forgotten() -> None:
    """A device saved by a version that kept scores of a lasting trouble goes on, and measures that anew."""
    assert not Settled.restored([[0.5, 0.7], None]).known


@given(marks=scores)
def test_settled_restores_exactly(marks: list[float]) -> None:
    """What has become usual in a trouble is the same after it was saved and restored."""
    one = Settled()
    for mark in marks:
        one.add(np.array([mark, 1.0 - mark]))
        twin = Settled.restored(one.state())
        assert twin.known == one.known
        assert np.array_equal(twin.mean, one.mean)


def test_in_a_lasting_trouble_only_what_is_new_is_an_alarm() -> None:
    """A metric that stays where it went is no alarm after half a day; another one that leaves beside it is."""
    device, rows = trained(), noise(1000)
    for row in rows[310:]:
        row["m2"] = (row["m2"] or 0.0) + 60.0
    for row in rows[980:]:
        row["m0"] = (row["m0"] or 0.0) + 20.0
    alarms = [outcome.alarm for outcome in feed(device, readings(rows, interval=120.0)[300:])]
    assert all(alarms[12:400])
    assert sum(alarms[530:680]) <= 3
    assert all(alarms[680:])


def test_after_an_odd_reading_the_score_fades_and_nothing_rings() -> None:
    """A single gross reading alone is an alarm; those after it are ranked ever lower, and the last ones as before."""
    device = trained()
    later = readings(noise(400, seed=1))[300:]
    odd = later[50]
    later[50] = msgspec.structs.replace(
        odd, values={name: (value or 0.0) + 1000.0 for name, value in odd.values.items()}
    )
    outcomes = feed(device, later)
    scores = [outcome.score for outcome in outcomes]
    assert [outcome.alarm for outcome in outcomes[50:60]] == [True] + [False] * 9
    assert scores[50] > 0.5 > scores[51] > scores[53] > scores[59]
