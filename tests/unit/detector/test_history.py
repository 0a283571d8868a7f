from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.rows.history import BINS, rarity, remember
from detector.rows.residuals import Residuals

magnitudes = st.lists(st.floats(0, 1e12), min_size=100, max_size=300)


def held(history: np.ndarray) -> tuple[np.ndarray, float]:
    """Return counts and unit after a history."""
    counts, unit = np.zeros(BINS), 0.0
    for magnitude in history:
        unit = remember(float(magnitude), counts, unit)
    return counts, unit


@given(history=magnitudes, one=st.floats(0, 1e15), other=st.floats(0, 1e15))
def test_the_larger_is_not_less_rare(history: list[float], one: float, other: float) -> None:
    """A larger magnitude never has a higher tail probability, and nothing is lost of the history."""
    counts, unit = held(np.array(history))
    low, high = sorted((one, other))
    assert counts.sum() == len(history)
    assert 0.0 <= rarity(low, counts, unit) <= rarity(high, counts, unit) + 1e-9


@pytest.mark.parametrize("level", [0.3, 0.05, 0.01, 0.001])
def test_rarity_is_calibrated_whatever_the_history_began_with(level: float) -> None:
    """Of a history that grew a thousandfold after its beginning, a level is undercut about as often as it says."""
    rng = np.random.default_rng(5)
    counts, unit = held(np.concatenate((rng.exponential(1e-3, 100), rng.exponential(1.0, 20_000))))
    fresh = rng.exponential(1.0, 20_000)
    share = np.mean([rarity(float(magnitude), counts, unit) >= -np.log10(level) for magnitude in fresh])
    assert level / 2.0 <= share <= level * 2.0


def test_before_there_is_a_history_nothing_is_rare() -> None:
    """With fewer than a hundred magnitudes even the largest is no rarity."""
    counts, unit = held(np.ones(99))
    assert rarity(1e9, counts, unit) == 0.0


def test_a_metric_that_stood_still_may_begin_to_move() -> None:
    """What is odd at first, a movement after a long rest, is usual when it has lasted."""
    residuals, rng = Residuals(), np.random.default_rng(1)
    values = np.concatenate((np.full(300, 7.0), 7.0 + rng.normal(size=3000)))
    probabilities = [residuals.add(float(value), 60.0 * n) for n, value in enumerate(values)]
    assert probabilities[300] < 1e-6
    assert np.mean(np.array(probabilities[1000:]) < 1e-3) < 5e-3


def test_an_hour_is_compared_with_itself_a_week_before() -> None:
    """A usual value at an unusual hour shows once that hour was seen; until then it is compared with none."""
    residuals, rng = Residuals(), np.random.default_rng(2)
    hours = np.arange(6 * 168)
    values = 10.0 * np.sin(hours / 24.0 * 2.0 * np.pi) + 0.3 * rng.normal(size=len(hours))
    probabilities = [residuals.add(float(value), 3600.0 * n) for n, value in enumerate(values)]
    assert residuals.histories[4].sum() == len(hours) - 168
    lowest = len(hours) + int(np.argmin(values[-168:]))
    assert residuals.add(10.0, 3600.0 * lowest) < min(probabilities[-168:])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=250))
def test_restored_residuals_say_the_same(values: list[float]) -> None:
    """Residuals rebuilt from their state give the same probabilities to the last bit."""
    residuals = Residuals()
    for n, value in enumerate(values):
        twin = Residuals.restored(deepcopy(residuals.state()))
        assert twin.add(value, 60.0 * n) == residuals.add(value, 60.0 * n)
