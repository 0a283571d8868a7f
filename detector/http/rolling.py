"""Rolling and lagged features of a table, computed with Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from detector.http.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_CELLS = 10_000_000  # of an answer
_NOTHING = 0.0  # deviation of a single value, as the API has it


def with_features(
    frame: pl.DataFrame, windows: Sequence[int], statistics: Sequence[str], lags: Sequence[int]
) -> pl.DataFrame:
    """Add `<column>_rolling_<statistic>_<window>` and `<column>_lag_<n>` of every numeric column after the others.

    The first rows have shorter windows; the deviation of a single value is 0; what lies before the first row is null.

    Raises:
        RequestError: the table would be too large.
    """
    columns = numeric(frame)
    added = len(columns) * (len(set(windows)) * len(set(statistics)) + len(set(lags)))
    if (frame.width + added) * frame.height > _MOST_CELLS:
        raise RequestError(422, f"{frame.height} rows of {frame.width + added} columns: at most {_MOST_CELLS} cells")
    features = [
        _rolling(frame.get_column(column), statistic, window)
        for column in columns
        for window in dict.fromkeys(windows)
        for statistic in dict.fromkeys(statistics)
    ]
    features += [
        frame.get_column(column).shift(lag).alias(f"{column}_lag_{lag}")
        for column in columns
        for lag in dict.fromkeys(lags)
    ]
    taken = set(frame.columns)
    return frame.with_columns([feature for feature in features if feature.name not in taken])


def _rolling(values: pl.Series, statistic: str, window: int) -> pl.Series:
    """Not with `pl.col`: a column named `*` or `^a$` would be taken for a pattern."""
    name = f"{values.name}_rolling_{statistic}_{window}"
    if statistic == "mean":
        return values.rolling_mean(window, min_samples=1).alias(name)
    if statistic == "std":
        return values.rolling_std(window, min_samples=1).fill_null(_NOTHING).fill_nan(_NOTHING).alias(name)
    if statistic == "min":
        return values.rolling_min(window, min_samples=1).alias(name)
    return values.rolling_max(window, min_samples=1).alias(name)


def numeric(frame: pl.DataFrame) -> list[str]:
    """Return the columns that are numbers."""
    return [column for column, kind in frame.schema.items() if kind.is_numeric()]
