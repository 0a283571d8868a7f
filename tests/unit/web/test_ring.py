from __future__ import annotations

from math import isnan

from hypothesis import given
from hypothesis import strategies as st

from tests.web_site import NOW, score_of
from web.downsample import downsample
from web.ring import Ring

START = NOW.timestamp()


def filled(values: list[float | None], limit: int = 10_000) -> Ring:
    ring = Ring(limit)
    for second, value in enumerate(values):
        ring.add(score_of("d", second, **({} if value is None else {"t": value})))
    return ring


def test_a_ring_keeps_the_newest_rows_and_no_more_than_a_quarter_above_its_limit() -> None:
    """However many scores come, memory stays bounded and the newest stay."""
    ring = filled([float(n) for n in range(1000)], limit=100)
    assert 100 <= len(ring) <= 125
    assert ring.newest(1).metrics["t"]["values"][0] == 999.0


def test_a_score_that_is_not_newer_changes_nothing() -> None:
    """A repeated or late score is left out, so that times always rise."""
    ring = filled([1.0, 2.0])
    assert not ring.add(score_of("d", 1, t=9.0))
    assert list(ring.newest(9).metrics["t"]["values"]) == [1.0, 2.0]


def test_a_metric_that_comes_later_is_missing_before() -> None:
    """Every column is as long as the times; where a metric was not there, there is no number."""
    rows = filled([None, 3.0, None]).newest(3)
    assert [isnan(value) for value in rows.metrics["t"]["values"]] == [True, False, True]


def test_a_window_holds_both_of_its_ends() -> None:
    """Rows at the very ends of a span belong to it."""
    rows = filled([float(n) for n in range(10)]).window(START + 2, START + 4)
    assert list(rows.metrics["t"]["values"]) == [2.0, 3.0, 4.0]


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=400), st.integers(10, 200))
def test_thinning_out_keeps_the_extremes_and_the_order(values: list[float], points: int) -> None:
    """No spike is lost, times rise, and there are about as many rows as were asked for."""
    rows = filled(list(values)).newest(10_000)
    thin = downsample(rows, points)
    kept = thin.metrics["t"]["values"]
    assert len(thin) <= max(points, 4) + 2
    assert min(kept) == min(rows.metrics["t"]["values"])
    assert max(kept) == max(rows.metrics["t"]["values"])
    assert list(thin.times) == sorted(thin.times)
    assert len(kept) == len(thin.times) == len(thin.scores)


def test_thinning_out_leaves_gaps_as_gaps() -> None:
    """Where nothing was measured, nothing is made up."""
    rows = filled([1.0] * 50 + [None] * 200 + [2.0] * 50).newest(1000)
    thin = downsample(rows, 30)
    middle = [v for at, v in zip(thin.times, thin.metrics["t"]["values"], strict=True) if 60 < at - START < 240]
    assert middle
    assert all(isnan(value) for value in middle)
    assert not any(isnan(at) for at in thin.times)
