"""Root cause: are the metrics at fault named first?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

EVENT_ROWS = 10  # a person looks at the beginning of an event


def hit_rate(pairs: Sequence[tuple[Sequence[int], Sequence[int]]], percent: int) -> float:
    """Return the share of the true columns among as many first ranked ones (`percent` of their number), over events.

    Su et al., "OmniAnomaly", KDD 2019: HitRate@P %.

    Args:
        pairs: true columns and ranked columns of each event; an event without true columns is left out.
        percent: 100 or more.
    """
    shares = []
    for true, ranked in pairs:
        if true:
            named = ranked[: len(true) * percent // 100]
            shares.append(len(set(true) & set(named)) / len(set(true)))
    return float(np.mean(shares)) if shares else 0.0
