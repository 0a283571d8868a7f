"""Rows held for the next fit: bounded, spread over all of their span, the same after a restart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.rows.reference import RUN, ReferenceRows, no_denser

EVERY = np.arange(2)


def offered(rows: int, most: int) -> ReferenceRows:
    """Offer so many rows, of which at most so many are held."""
    reference = ReferenceRows.empty(2, most)
    for position in range(rows):
        reference.add(EVERY, np.array([position, -position], dtype=float), position)
    return reference


@given(st.integers(0, 3000), st.integers(RUN + 1, 700))
def test_what_is_held_is_spread_over_all_that_was_offered(rows: int, most: int) -> None:
    """Never more than may be held; whole runs, evenly over the span; each row as it came."""
    reference = offered(rows, most)
    values, positions = reference.held()
    assert len(positions) <= most
    assert reference.taken == rows
    assert np.array_equal(values, np.column_stack([positions, -positions]))
    due = [p for p in range(rows) if (p // RUN) % reference.stride == 0]
    assert positions.tolist() == due


@given(st.integers(0, 3000), st.integers(RUN + 1, 700), st.integers(0, 3000))
def test_it_goes_on_after_a_restart_as_if_nothing_had_been(rows: int, most: int, more: int) -> None:
    """Also where nothing is held, or more than there is room for at first."""
    through = offered(rows, most)
    again = ReferenceRows.restored(through.state())  # type: ignore[arg-type]
    for reference in (through, again):
        for position in range(rows, rows + min(more, 200)):
            reference.add(EVERY, np.array([position, -position], dtype=float), position)
    assert np.array_equal(through.held()[1], again.held()[1])
    assert (through.taken, through.stride, through.most) == (again.taken, again.stride, again.most)


def test_room_is_taken_when_rows_come_and_given_back_after_the_fit() -> None:
    """Ten thousand devices that have just begun do not each need the room of one that is busy."""
    reference = offered(10, 2048)
    few = reference.rows.nbytes
    for position in range(10, 2048):
        reference.add(EVERY, np.zeros(2), position)
    assert few <= reference.rows.nbytes / 8
    reference.drop_until(2048)
    assert (reference.kept, reference.rows.nbytes) == (0, few)


@pytest.mark.parametrize(("stride", "share"), [(1, 1.0), (4, 1.0), (8, 0.5), (32, 0.125)])
def test_rows_before_are_at_most_four_times_as_dense_as_those_since(stride: int, share: float) -> None:
    """An hour of one reading a second does not outweigh the days that were thinned."""
    rows, positions = np.zeros((64 * RUN, 2)), np.arange(64 * RUN)
    thin, left = no_denser(rows, positions, stride)
    assert len(thin) == len(left) == share * len(rows)
