"""Rolling and lagged features of a table, computed with Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.http.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

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
    # Under a plain name: Polars takes one such as `*` or `^a$` for a pattern.
    columns = {column: frame.get_column(column).alias("values") for column in numeric(frame)}
    added = len(columns) * (len(set(windows)) * len(set(statistics)) + len(set(lags)))
    if (frame.width + added) * frame.height > _MOST_CELLS:
        raise RequestError(422, f"{frame.height} rows of {frame.width + added} columns: at most {_MOST_CELLS} cells")
    features = [
        _rolling(values, statistic, window).alias(f"{column}_rolling_{statistic}_{window}")
        for column, values in columns.items()
        for window in dict.fromkeys(windows)
        for statistic in dict.fromkeys(statistics)
    ]
    features += [
        values.shift(lag).alias(f"{column}_lag_{lag}")
        for column, values in columns.items()
        for lag in dict.fromkeys(lags)
    ]
    taken = set(frame.columns)
    return frame.with_columns([feature for feature in features if feature.name not in taken])


def _rolling(values: pl.Series, statistic: str, window: int) -> pl.Series:
    if statistic == "mean":
        return values.rolling_mean(window, min_samples=1)
    if statistic == "std":
        return values.rolling_std(window, min_samples=1).fill_null(_NOTHING).fill_nan(_NOTHING)
    if statistic == "min":
        return values.rolling_min(window, min_samples=1)
    return values.rolling_max(window, min_samples=1)


def numeric(frame: pl.DataFrame) -> list[str]:
    """Return the columns that are numbers."""
    return [column for column, kind in frame.schema.items() if kind.is_numeric()]
