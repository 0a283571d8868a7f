"""First-order autoregressive series, computed for a whole block at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def coefficient(interval_s: float, time_constant_s: float) -> float:
    """Correlation of two neighbouring samples of an Ornstein-Uhlenbeck process."""
    return float(np.exp(-interval_s / time_constant_s))


def autoregress(innovations: Floats, coefficients: Floats, previous: Floats) -> Floats:
    """Run x[t] = coefficient * x[t-1] + innovation[t] along the rows.

    The recursion is unrolled by doubling (the parallel prefix sum of Hillis and Steele, 1986): log2(rows) passes over
    the whole block instead of one step a row.

    Args:
        innovations: (rows, channels).
        coefficients: (channels,), each in [0, 1).
        previous: (channels,), the row before the block.

    Returns:
        (rows, channels).
    """
    series = innovations.copy()
    series[0] += coefficients * previous
    power, step = coefficients, 1
    while step < len(series):
        series[step:] += power * series[:-step]
        power, step = power * power, 2 * step
    return series
