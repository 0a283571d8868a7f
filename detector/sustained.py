"""The sustained score: the third largest of the newest five scores, so that two odd readings alone do not raise it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.features import Floats, Ints

WINDOW = 5
RANK = 3


def sustained(newest: Sequence[float]) -> float:
    """Return the third largest of at most five scores, 0 when there are fewer than three."""
    return sorted(newest)[-RANK] if len(newest) >= RANK else 0.0


def sustained_rows(scores: Floats, positions: Ints) -> Floats:
    """Return the sustained scores of the rows (n,) that have four neighbours before them."""
    if len(scores) < WINDOW:
        return np.empty(0)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(scores, WINDOW), axis=1)
    together = positions[WINDOW - 1 :] - positions[: 1 - WINDOW] == WINDOW - 1
    third: Floats = windows[together, -RANK]
    return third
