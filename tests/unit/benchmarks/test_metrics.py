"""The measures of the quality benchmark, on cases computed by hand."""

from __future__ import annotations

from itertools import pairwise
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from benchmarks.quality.metrics import change_points, nab
from benchmarks.quality.metrics.levels import at_false_alarm_rate
from benchmarks.quality.metrics.root_cause import hit_rate
from benchmarks.quality.metrics.rows import composite_f1, confusion
from benchmarks.quality.metrics.vus import vus_pr
from benchmarks.quality.recording import Bools, Floats, spans

STANDARD = nab.PROFILES[0]


def flags(text: str) -> Bools:
    return np.array([c == "1" for c in text], dtype=np.bool_)


def row_scores(count: int, *alarms: int) -> Floats:
    scores = np.zeros(count)
    scores[list(alarms)] = 1.0
    return scores


def truth_of(count: int, *events: tuple[int, int]) -> Bools:
    truth = np.zeros(count, dtype=np.bool_)
    for first, last in events:
        truth[first : last + 1] = True
    return truth


class TestRows:
    def test_counts(self) -> None:
        """F1 and the two rates follow from the counts of rows."""
        counts = confusion(flags("00111"), flags("01110"))
        assert (counts.hits, counts.false_alarms, counts.misses, counts.quiet) == (2, 1, 1, 1)
        assert counts.f1 == pytest.approx(2 / 3)
        assert counts.false_alarm_rate == pytest.approx(1 / 2)
        assert counts.missed_alarm_rate == pytest.approx(1 / 3)

    def test_composite_does_not_credit_whole_events(self) -> None:
        """One row of an event finds it, but precision stays that of single rows."""
        truth, alarms = flags("0111001110"), flags("1100000000")
        assert composite_f1([truth], [alarms]) == pytest.approx(0.5)  # precision 1 of 2 rows, recall 1 of 2 events

    def test_composite_pools_recordings(self) -> None:
        """Rows and events of all recordings are counted together."""
        truths = [flags("011"), flags("110")]
        assert composite_f1(truths, [flags("011"), flags("000")]) == pytest.approx(2 / 3)

    def test_nothing_found_is_zero(self) -> None:
        """No alarm gives no score instead of a division by zero."""
        assert composite_f1([flags("010")], [flags("000")]) == 0.0
        assert confusion(flags("000"), flags("000")).f1 == 0.0

    def test_always_alarm(self) -> None:
        """Always alarm has recall 1 and the base rate as precision."""
        truth = flags("0001")
        assert composite_f1([truth], [flags("1111")]) == pytest.approx(0.4)

    @given(st.lists(st.booleans(), max_size=40))
    def test_spans_rebuild_the_flags(self, given_flags: list[bool]) -> None:
        """The spans cover the true flags and nothing else, and do not touch."""
        rebuilt = truth_of(len(given_flags), *spans(given_flags))
        assert rebuilt.tolist() == given_flags
        found = spans(given_flags)
        assert all(a[1] + 1 < b[0] for a, b in pairwise(found))


class TestNab:
    windows = ((100, 119), (200, 219))

    def files(self, scores: Floats) -> list[nab.Scored]:
        return [nab.Scored(scores, 50, self.windows)]

    def test_silence_is_zero(self) -> None:
        """A detector that never rises scores 0, and so does one whose every alarm costs."""
        assert nab.best(self.files(np.zeros(300)), STANDARD).score == 0.0
        assert nab.best(self.files(row_scores(300, 60, 70)), STANDARD).score == 0.0

    @pytest.mark.parametrize("profile", nab.PROFILES, ids=lambda profile: profile.name)
    def test_perfection_is_a_hundred(self, profile: nab.Profile) -> None:
        """An alarm at the first row of each window, and none else, scores 100."""
        top = nab.best(self.files(row_scores(300, 100, 200)), profile)
        assert top.score == pytest.approx(100.0)
        assert top.level == 1.0

    def test_by_hand(self) -> None:
        """One window found in its middle, one missed, one false alarm far before: each is worth what the paper says."""
        score = nab.best(self.files(row_scores(300, 60, 110)), STANDARD).score

        def worth(position: float) -> float:
            return 2.0 / (1.0 + exp(5.0 * position)) - 1.0

        raw = worth(-10 / 20) / worth(-1.0) - 1.0 - 0.11
        assert score == pytest.approx(100.0 * (raw + 2.0) / 4.0)

    def test_late_alarm_costs_less_just_after_a_window(self) -> None:
        """A false alarm right behind a window costs less than one far behind."""
        near = nab.best(self.files(row_scores(300, 100, 200, 121)), STANDARD).score
        far = nab.best(self.files(row_scores(300, 100, 200, 190)), STANDARD).score
        assert 100.0 > near > far

    def test_only_the_first_alarm_of_a_window_counts(self) -> None:
        """More alarms in a found window neither help nor cost."""
        once = nab.best(self.files(row_scores(300, 105, 205)), STANDARD).score
        often = nab.best(self.files(row_scores(300, *range(105, 120), *range(205, 220))), STANDARD).score
        assert often == pytest.approx(once)

    def test_probation_is_not_scored(self) -> None:
        """Alarms in the first part of a file cost nothing."""
        assert nab.best(self.files(row_scores(300, 10, 100, 200)), STANDARD).score == pytest.approx(100.0)

    def test_one_level_for_all_files(self) -> None:
        """A file whose scores are all higher drowns the others."""
        loud = nab.Scored(np.full(300, 2.0), 50, ())
        together = nab.best([*self.files(row_scores(300, 100, 200)), loud], STANDARD)
        assert together.score < 100.0

    @given(st.integers(0, 2**32 - 1))
    def test_equal_to_trying_every_level(self, number: int) -> None:
        """The sweep finds what scoring at each level by itself finds."""
        rng = np.random.default_rng(number)
        scores = np.round(rng.random(300), 1)
        file = nab.Scored(scores, 50, self.windows)
        tried = [one_level(scores, level, self.windows) for level in np.unique(scores)]
        assert nab.best([file], STANDARD).score == pytest.approx(max([0.0, *tried]))

    def test_muting(self) -> None:
        """A score counts only when none of the rows before it reached it."""
        assert nab.muted(np.array([0.0, 3.0, 2.0, 3.0, 4.0, 1.0, 0.5]), 3).tolist() == [0, 3, 0, 0, 4, 0, 0]
        assert nab.muted(np.array([5.0, 1.0, 1.0, 1.0, 2.0]), 3).tolist() == [5, 0, 0, 0, 2]


def one_level(scores: Floats, level: float, windows: tuple[tuple[int, int], ...]) -> float:
    total, cost = 0.0, 0.11
    for row in range(50, len(scores)):
        if scores[row] >= level and not any(a <= row <= b for a, b in windows):
            ends = [(a, b) for a, b in windows if b < row]
            past = (row - ends[-1][1]) / (ends[-1][1] - ends[-1][0]) if ends else 3.0
            total += cost * (-1.0 if past >= 3.0 else 2.0 / (1.0 + np.exp(5.0 * past)) - 1.0)
    for a, b in windows:
        inside = [row for row in range(a, b + 1) if scores[row] >= level]
        if inside:
            position = -(b - inside[0] + 1) / (b - a + 1)
            total += (2.0 / (1.0 + np.exp(5.0 * position)) - 1.0) / (2.0 / (1.0 + np.exp(-5.0)) - 1.0) + 1.0
    return 100.0 * total / (2.0 * len(windows))


class TestVus:
    def test_values_of_the_authors_code(self) -> None:
        """Two surfaces computed with the code that the authors published."""
        truth = truth_of(200, (20, 29), (100, 100), (150, 169))
        scores = np.array([(i * 37 % 200) / 200 for i in range(200)]) + 0.6 * truth
        assert vus_pr(truth, scores, 0) == pytest.approx(0.7998324864256727)
        assert vus_pr(truth, scores, 20) == pytest.approx(0.8399801055737347)

    def test_perfect_scores(self) -> None:
        """Scores that equal the truth reach 1 without tolerance."""
        truth = truth_of(500, (100, 149), (300, 319))
        assert vus_pr(truth, truth.astype(np.float64), 0) == pytest.approx(1.0)

    def test_equal_scores_give_the_base_rate(self) -> None:
        """A constant score has the share of anomalous rows as its precision."""
        truth = truth_of(500, (100, 149))
        assert vus_pr(truth, np.ones(500), 0) == pytest.approx(0.1)

    def test_random_scores_stay_low(self) -> None:
        """A random score stays near the base rate, which tolerance lifts a little."""
        truth = truth_of(4000, (1000, 1099), (3000, 3099))
        scores = np.random.default_rng(1).random(4000)
        assert 0.03 < vus_pr(truth, scores, 20) < 0.12

    @given(st.integers(0, 2**32 - 1))
    def test_only_the_order_counts(self, number: int) -> None:
        """A monotone change of the scores changes nothing, and the area lies within 0 and 1."""
        rng = np.random.default_rng(number)
        truth = truth_of(300, (50, 69), (200, 209))
        scores = rng.random(300) + 0.3 * truth
        area = vus_pr(truth, scores, 10)
        assert 0.0 <= area <= 1.0
        assert vus_pr(truth, np.exp(3.0 * scores), 10) == pytest.approx(area)

    def test_single_event_without_tolerance_is_near_average_precision(self) -> None:
        """For one event and few rows the area is the average precision, up to the untouched part."""
        truth = truth_of(250, (100, 149))
        scores = np.random.default_rng(2).random(250) + 0.5 * truth
        assert vus_pr(truth, scores, 0) == pytest.approx(average_precision_score(truth, scores), abs=0.02)


class TestChangePoints:
    times = np.arange(1000.0)

    def part(self, *alarms: tuple[int, int], changes: tuple[float, ...] = (300.0, 600.0)) -> change_points.Part:
        return change_points.Part(self.times, changes, truth_of(1000, *alarms))

    def test_silence_is_zero_and_perfection_a_hundred(self) -> None:
        """No alarm scores 0; an alarm that begins and ends at the change points scores 100, in each profile."""
        assert set(change_points.score([self.part()]).values()) == {0.0}
        assert list(change_points.score([self.part((300, 599))]).values()) == pytest.approx([100.0] * 3)

    def test_by_hand(self) -> None:
        """A change found at the middle of its window is worth the middle; one outside costs as a false alarm."""
        score = change_points.score([self.part((330, 799))])["standard"]
        assert score == pytest.approx(100.0 * (1.0 + (1.0 - 0.11) / 2.0 - 0.11) / 4.0)

    def test_before_the_change_is_false(self) -> None:
        """Nothing can be seen before it happens: a change of the alarm before the change point is a false one."""
        assert change_points.score([self.part((299, 999))])["standard"] == pytest.approx(-100.0 * 0.11 / 4.0)


def test_hit_rates() -> None:
    """The share of the true columns among as many first ones, or half as many more; events without one are left out."""
    pairs = [((1, 2), [2, 3, 1, 0]), ((0,), [0, 1, 2, 3]), ((), [0, 1, 2, 3])]
    assert hit_rate(pairs, 100) == pytest.approx((0.5 + 1.0) / 2)
    assert hit_rate(pairs, 150) == pytest.approx((1.0 + 1.0) / 2)
    assert hit_rate([], 100) == 0.0


@given(st.lists(st.floats(0, 1), min_size=100, max_size=300), st.sampled_from([0.0, 0.01, 0.1]))
def test_level_holds_the_rate(scores: list[float], rate: float) -> None:
    """No more than the allowed share of normal rows lies above the level."""
    normal = np.array(scores)
    assert np.mean(normal > at_false_alarm_rate(normal, rate)) <= rate
