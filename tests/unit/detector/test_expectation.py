"""What is expected of a metric: as far as the others tell, and never what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from detector.device.device import DeviceDetector, FitJob, run_fit
from detector.models.scorer import Scorer
from detector.rows.stream import Stream
from detector.verdicts.evidence import expected_bounds, with_usual
from detector.verdicts.prediction import credible, with_prediction_of_one, with_predictions
from tests.unit.detector.streams import QUICK, Values, feed, readings

FAULT = 1200


def _stream(names: tuple[str, ...], rows: np.ndarray) -> Stream:
    stream = Stream(60)
    stream.know(names)
    for row in rows[-20:]:
        stream.take(np.arange(len(names)), row, 0.0, 0.0)
    return stream


def _plant(rows: int, seed: int) -> list[Values]:
    """Return a room's cooling: four temperatures that go with one load, and a valve from 0 to 100 %."""
    rng = np.random.default_rng(seed)
    load = 0.5 + 0.5 * np.sin(np.arange(rows) / 40.0) + 0.03 * rng.standard_normal(rows)
    noise = rng.standard_normal((rows, 4))
    table = np.column_stack(
        [
            22.0 + 2.0 * load + 0.02 * noise[:, 0],
            28.0 + 6.0 * load + 0.02 * noise[:, 1],
            15.0 - 3.0 * load + 0.02 * noise[:, 2],
            5.0 + 10.0 * load + 0.05 * noise[:, 3],
            np.clip(100.0 * load, 0.0, 100.0),
        ]
    )
    names = ("inlet", "outlet", "supply", "power", "valve")
    return [dict(zip(names, row, strict=True)) for row in table.tolist()]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_broken_sensor_stands_first_and_no_figure_is_impossible(seed: int) -> None:
    """Beside a sensor that reads 0 all others seem to have left it; it is the one, and their figures stay possible."""
    rows = _plant(1500, seed)
    for row in rows[FAULT : FAULT + 30]:
        row["inlet"] = 0.0
    said = [o.anomaly for o in feed(DeviceDetector("room", QUICK), readings(rows))[FAULT:] if o.anomaly is not None]
    assert said
    for anomaly in said:
        assert anomaly.contributions[0].metric == "inlet"
        for one in anomaly.contributions:
            seen = [row[one.metric] or 0.0 for row in rows[:FAULT]]
            room = 0.1 * (max(seen) - min(seen))
            for figure in (one.expected, one.lower, one.upper):
                assert figure is not None
                assert min(seen) - room <= figure <= max(seen) + room


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_impossible_expectation_is_no_evidence_and_not_told(seed: int) -> None:
    """Of a metric that would have to be where it never was, for the others to be right, the others say nothing."""
    rows = np.array([list(row.values()) for row in _plant(1000, seed)], dtype=np.float64)
    names = ("inlet", "outlet", "supply", "power", "valve")
    model = run_fit(FitJob("room", 1, "zscore", names, rows, np.arange(1000), 1000, 10, 32, 1000, 1000))
    stream = Stream(60)
    stream.know(names)
    scorer = Scorer(model, np.arange(5))
    for row in [*rows[-20:], np.array([0.0, *rows[-1, 1:]])]:
        stream.take(np.arange(5), row, 0.0, 0.0)
    scorer.judge(stream.features, 1021)
    parts = dict(zip(names, credible(stream, scorer).tolist(), strict=True))
    assert parts["inlet"] > 0.9
    assert parts["outlet"] < 0.5
    usual = with_usual(expected_bounds(stream, scorer), scorer, scorer.ranges.usual)
    told = with_predictions(usual, scorer, 1021, names, stream.features.features[0])
    assert told.expected["outlet"] == usual.expected["outlet"]
    assert told.expected["inlet"] == pytest.approx(rows[-1, 0], abs=0.5)
    assert all(told.lower[name] >= low for name, low in zip(names, rows.min(axis=0), strict=True))
    assert all(told.upper[name] <= high for name, high in zip(names, rows.max(axis=0), strict=True))


def _scorer(rows: np.ndarray, names: tuple[str, ...]) -> Scorer:
    job = FitJob("room", 1, "zscore", names, rows, np.arange(len(rows)), len(rows), 10, 32, len(rows), len(rows))
    return Scorer(run_fit(job), np.arange(len(names)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_expectation_at_the_edge_of_what_was_seen_keeps_a_range(seed: int) -> None:
    """Beyond the highest load the others tell the highest value, and bounds below it, not a range without width."""
    table = _plant(1000, seed)
    names = tuple(table[0])
    rows = np.array([list(row.values()) for row in table], dtype=np.float64)
    scorer = _scorer(rows, names)
    highest = rows[np.argmax(rows[:, 3])]
    beyond = highest + 0.06 * (rows.max(axis=0) - rows.min(axis=0)) * np.array([1.0, 0.0, -1.0, 1.0, 1.0])
    beyond[1] = 30.0
    told = with_predictions(expected_bounds(_stream(names, rows), scorer), scorer, 1021, names, beyond)
    assert told.expected["outlet"] == pytest.approx(rows[:, 1].max())
    assert told.upper["outlet"] - told.lower["outlet"] > 0.05


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_others_that_tell_the_other_extreme_of_a_metric_are_not_believed(seed: int) -> None:
    """A metric above all that is usual is not expected at the lower end of its range."""
    table = _plant(1000, seed)
    names = tuple(table[0])
    rows = np.array([list(row.values()) for row in table], dtype=np.float64)
    scorer, stream = _scorer(rows, names), _stream(names, rows)
    lowest = rows[np.argmin(rows[:, 3])]
    beyond = lowest - 0.06 * (rows.max(axis=0) - rows.min(axis=0)) * np.array([1.0, 0.0, -1.0, 1.0, 0.0])
    beyond[1] = 40.0
    usual = with_usual(expected_bounds(stream, scorer), scorer, scorer.ranges.usual)
    told = with_prediction_of_one(usual, scorer, 1021, {"outlet": 1.0}, beyond)
    assert told.expected["outlet"] == usual.expected["outlet"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_expected_of_a_stuck_sensor_is_what_the_others_tell(seed: int) -> None:
    """Its usual range is wide; the others know where in it the value should be."""
    rows = _plant(1500, seed)
    kept = rows[FAULT]["outlet"]
    right = [row["outlet"] for row in rows]
    for row in rows[FAULT : FAULT + 150]:
        row["outlet"] = kept
    outcomes = feed(DeviceDetector("room", QUICK), readings(rows))
    said = [(n, o.anomaly) for n, o in enumerate(outcomes) if o.anomaly is not None and o.anomaly.kind == "stuck"]
    assert said
    for n, anomaly in said:
        first = anomaly.contributions[0]
        if anomaly.incident.phase != "close" and first.observed is not None and first.expected is not None:
            assert first.expected == pytest.approx(right[n], abs=1.5)
            assert first.lower is not None
            assert first.upper is not None
            assert first.lower <= first.expected <= first.upper
