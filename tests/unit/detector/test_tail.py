from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detector.models.tail import Tail
from detector.verdicts import confidence

scores = st.lists(st.floats(0, 1e6), min_size=1, max_size=200)


@given(history=scores, later=scores, one=st.floats(0, 1e38), other=st.floats(0, 1e38))
def test_probability_falls_as_the_score_rises(
    history: list[float], later: list[float], one: float, other: float
) -> None:
    """A higher score never has a higher tail probability, and every probability is within (0, 1]."""
    tail = Tail.of(np.array(history))
    for score in later:
        tail.add(score)
    low, high = sorted((one, other))
    assert 0.0 < tail.probability(high) <= tail.probability(low) <= 1.0


@given(history=scores, level=st.floats(1e-12, 0.5))
def test_quantile_is_the_inverse_in_the_tail(history: list[float], level: float) -> None:
    """The quantile of a level is exceeded with about that probability, or lies at the threshold."""
    tail = Tail.of(np.array(history))
    assume(tail._parameters()[0] > 1e-3)
    score = tail.quantile(level)
    assert score == tail.knots[-1] or tail.probability(score) == pytest.approx(level, rel=0.02)


@pytest.mark.parametrize("level", [0.05, 0.01, 0.001])
def test_probability_is_calibrated_on_its_own_history(level: float) -> None:
    """After many scores of one distribution, a level is undercut about as often as it says."""
    rng = np.random.default_rng(5)
    tail = Tail.of(rng.gamma(3.0, size=500))
    for score in rng.gamma(3.0, size=20_000):
        tail.add(float(score))
    fresh = rng.gamma(3.0, size=20_000)
    share = np.mean([tail.probability(float(score)) <= level for score in fresh])
    assert level / 2.5 <= share <= level * 2.5


@given(history=scores, later=scores)
def test_restored_tail_says_the_same(history: list[float], later: list[float]) -> None:
    """A tail rebuilt from its state gives the same probabilities to the last bit."""
    tail = Tail.of(np.array(history))
    twin = Tail.restored(tail.state())
    for score in later:
        assert twin.probability(score) == tail.probability(score)
        tail.add(score)
        twin.add(score)


@given(one=st.floats(1e-300, 1), other=st.floats(1e-300, 1))
def test_confidence_and_score_rise_with_rarity(one: float, other: float) -> None:
    """Confidence and score are monotone, within 0 and 1, and one half at one in a thousand."""
    low, high = sorted((one, other))
    assert 0 <= confidence.confidence(high) <= confidence.confidence(low) <= 1
    assert 0 <= confidence.score(high) <= confidence.score(low) <= 1
    assert confidence.confidence(1e-3) == pytest.approx(0.5, abs=1e-3)
    assert confidence.score(1e-3) == pytest.approx(0.5)


def test_what_is_certain_scores_zero_without_a_sign() -> None:
    """A probability of 1 is written as 0, never as -0."""
    assert f"{confidence.score(1.0):.2f} {confidence.decades(1.0)}" == "0.00 0.0"


def test_severity_grows_beyond_the_opening_level() -> None:
    """Severity names how many decades a probability lies beyond the level that opens incidents."""
    names = [confidence.severity(p, 1e-5) for p in (1e-3, 1e-5, 1e-7, 1e-10)]
    assert names == ["info", "minor", "major", "critical"]
