from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.rows.features import WINDOW, FeatureWindow, batch

METRICS = 3


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(st.lists(st.floats(-1e6, 1e6), min_size=METRICS, max_size=METRICS), min_size=WINDOW, max_size=80),
    scale=st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_features_equal_a_batch_in_polars(rows: list[list[float]], scale: float) -> None:
    """Features renewed reading by reading, and those of stored rows, are the rolling ones that Polars computes."""
    table = np.array(rows) * scale
    frame = pl.DataFrame(table, schema=[f"m{m}" for m in range(METRICS)])
    expected = np.hstack(
        [
            frame.to_numpy(),
            frame.select(pl.all().rolling_mean(WINDOW)).to_numpy(),
            frame.select(pl.all().rolling_std(WINDOW, ddof=0)).to_numpy(),
        ]
    )
    window, columns, streamed = FeatureWindow(METRICS), np.arange(METRICS), []
    for row in table:
        window.push(columns, row)
        streamed.append(window.features.reshape(-1).copy())
    # Polars keeps running sums: it is off by rounding of the largest value it has seen.
    rounding = 1e-6 * max(float(np.abs(table).max()), 1e-300)
    assert np.allclose(streamed, expected, rtol=1e-9, atol=rounding, equal_nan=True)
    stored, kept = batch(table, np.arange(len(table)))
    assert np.allclose(stored, expected[kept], rtol=1e-9, atol=rounding)
