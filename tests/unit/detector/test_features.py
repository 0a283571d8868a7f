from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.models.scaling import fit_features
from detector.rows.features import WINDOW, FeatureWindow, batch
from detector.rows.roster import Roster

numbers = st.floats(-1e9, 1e9)


@settings(deadline=None)
@given(values=st.lists(numbers, min_size=WINDOW, max_size=60))
def test_rolling_features_equal_numpy(values: list[float]) -> None:
    """Value, rolling mean and rolling deviation are those of the newest window."""
    window = FeatureWindow(1)
    for value in values:
        window.push(np.array([0]), np.array([value]))
    newest = np.array(values[-WINDOW:])
    expected = [values[-1], newest.mean(), newest.std()]
    assert np.allclose(window.features[:, 0], expected, rtol=1e-9, atol=1e-6)


def test_null_is_no_value_and_breaks_the_window() -> None:
    """After null a metric has no features, and no mean until its window is full again."""
    window = FeatureWindow(2)
    both = np.array([0, 1])
    for n in range(WINDOW):
        window.push(both, np.array([float(n), 1.0]))
    window.push(both, np.array([np.nan, 1.0]))
    assert np.isnan(window.features[:, 0]).all()
    assert not np.isnan(window.features[:, 1]).any()
    window.push(both, np.array([5.0, 1.0]))
    assert window.features[0, 0] == 5.0
    assert np.isnan(window.features[1:, 0]).all()


def test_absent_metrics_keep_their_features() -> None:
    """A reading without a metric leaves its features as they were."""
    window = FeatureWindow(2)
    for n in range(WINDOW):
        window.push(np.array([0, 1]), np.array([float(n), 2.0 * n]))
    before = window.features[:, 1].copy()
    window.push(np.array([0]), np.array([100.0]))
    assert np.array_equal(window.features[:, 1], before)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 999), rows=st.integers(WINDOW, 80), absent=st.floats(0, 0.4))
def test_batch_equals_the_stream(seed: int, rows: int, absent: float) -> None:
    """Features of stored rows are those that the stream had, also where metrics come in turns."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(rows, 3))
    table[rng.random(table.shape) < absent] = np.nan
    window = FeatureWindow(3)
    streamed = []
    for row in table:
        columns = np.flatnonzero(~np.isnan(row))
        window.push(columns, row[columns])
        streamed.append(window.features.reshape(-1).copy())
    features, kept = batch(table, np.arange(rows))
    assert np.array_equal(kept, np.arange(WINDOW - 1, rows))
    assert np.array_equal(features, np.array(streamed)[kept], equal_nan=True)


def test_batch_does_not_bridge_gaps() -> None:
    """Rows after a gap have no features until their own run is long enough."""
    positions = np.concatenate([np.arange(15), np.arange(40, 55)])
    _, kept = batch(np.zeros((30, 1)), positions)
    assert kept.tolist() == [*range(9, 15), *range(24, 30)]


def test_roster_keeps_columns_as_metrics_come() -> None:
    """A metric keeps its column whatever else a reading holds, and null is NaN."""
    roster = Roster()
    assert roster.place({"b": 1.0, "a": None})[0].tolist() == [0, 1]
    columns, values = roster.place({"a": 2.0, "c": 3.0})
    assert columns.tolist() == [1, 2]
    assert values.tolist() == [2.0, 3.0]
    assert np.isnan(roster.place({"b": 1.0, "a": None})[1][1])
    assert roster.metrics == ["b", "a", "c"]


def test_scale_grows_with_a_walk_and_not_with_noise() -> None:
    """Drift is large for a random walk and small for noise of the same size."""
    rng = np.random.default_rng(1)
    places = np.arange(2000)
    noise = rng.normal(size=(2000, 3))
    walk = np.cumsum(rng.normal(size=(2000, 3)), axis=0)
    quiet, roaming = fit_features(noise, places), fit_features(walk, places)
    assert (quiet.drift * np.sqrt(2000) < 0.6 * quiet.scale).all()
    assert (roaming.drift * np.sqrt(2000) > 0.6 * roaming.scale).all()


def test_single_odd_value_leaves_the_means_alone() -> None:
    """A value beyond the limits enters the window only when the next one is beyond them too."""
    window = FeatureWindow(1)
    window.limits[:] = [[-5.0], [5.0]]
    column = np.array([0])
    for _ in range(WINDOW):
        window.push(column, np.array([1.0]))
    window.push(column, np.array([100.0]))
    assert window.features[:, 0].tolist() == [100.0, 1.0, 0.0]
    window.push(column, np.array([1.0]))
    assert window.features[:, 0].tolist() == [1.0, 1.0, 0.0]
    for value in (100.0, 101.0, 102.0):
        window.push(column, np.array([value]))
    assert sorted(window.rings[0].tolist())[-4:] == [1.0, 100.0, 101.0, 102.0]
