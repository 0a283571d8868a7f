"""What clients send. Fields that are not named here are ignored, as the API's own clients expect."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from detector.http.lone_rows import LEAST_ROWS

MOST_ROWS = 100_000
MOST_SAMPLES = 10_000
MOST_COLUMNS = 500

_NAME = r"^[A-Za-z0-9_]([A-Za-z0-9_. -]{0,98}[A-Za-z0-9_-])?$"


def _whole(value: object) -> object:
    """Take 5.0 for 5, as JSON Schema does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
Name = Annotated[str, Field(pattern=_NAME, description="letters, digits, _ . - and blanks")]
Column = Annotated[str, Field(min_length=1, max_length=128)]
Number = Annotated[float, Field(ge=-1e100, le=1e100, allow_inf_nan=False)]
Cell = Annotated[StrictBool | StrictInt | StrictFloat | StrictStr | None, Field(description="number, text or nothing")]
Row = Annotated[dict[Column, Cell], Field(min_length=1, max_length=MOST_COLUMNS)]
Rows = Annotated[list[Row], Field(min_length=1, max_length=MOST_ROWS)]
Vector = Annotated[list[Number | None], Field(min_length=1, max_length=MOST_COLUMNS)]
Vectors = Annotated[list[Vector], Field(min_length=1, max_length=MOST_ROWS)]
Samples = Row | Annotated[list[Row], Field(min_length=1, max_length=MOST_SAMPLES)]
Encoding = Literal["numeric", "hash", "label", "onehot", "binary", "frequency"]
Schema = Annotated[dict[Column, Encoding], Field(max_length=MOST_COLUMNS)]
Normalization = Literal["standardization", "zscore", "raw"]
Contamination = Annotated[float, Field(gt=0, le=0.5)]
Lags = Annotated[list[Annotated[Whole, Field(ge=1, le=1000)]], Field(max_length=20)]
Windows = Annotated[list[Annotated[Whole, Field(ge=1, le=10_000)]], Field(max_length=20)]
Statistic = Literal["mean", "std", "min", "max"]


def _all_statistics() -> list[Statistic]:
    return ["mean", "std", "min", "max"]


class _Request(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, protected_namespaces=(), populate_by_name=True)


class FitRequest(_Request):
    """Fit a model on rows; it is saved at once."""

    model: Name = "default"
    backend: StrictStr = "isolation_forest"
    data: Annotated[Vectors | Rows, Field(min_length=LEAST_ROWS)]
    schema_: Schema | None = Field(None, alias="schema")
    contamination: Contamination = 0.1
    normalization: Normalization = "standardization"
    epochs: Annotated[Whole, Field(ge=1, le=100_000)] = 100
    batch_size: Annotated[Whole, Field(ge=1, le=100_000)] = 32
    overwrite: bool = True
    description: Annotated[str, Field(max_length=2000)] | None = None


class ScoreRequest(_Request):
    """Score rows by a fitted model."""

    model: Name = "default"
    backend: StrictStr = "isolation_forest"
    data: Vectors | Rows
    schema_: Schema | None = Field(None, alias="schema")
    normalization: Normalization = "standardization"
    threshold: Number | None = None
    explain: bool = False
    feature_names: Annotated[list[Column], Field(max_length=MOST_COLUMNS)] | None = None


class SaveRequest(_Request):
    """Save a model again, perhaps with another description."""

    model: Name
    backend: StrictStr = "isolation_forest"
    normalization: Normalization = "standardization"
    description: Annotated[str, Field(max_length=2000)] | None = None


class LoadRequest(_Request):
    """Load a saved model."""

    model: Name
    backend: StrictStr = "isolation_forest"


class StreamRequest(_Request):
    """Samples for a streaming detector, which the first call makes: what later calls say of it is ignored."""

    model: Name = "default-stream"
    data: Samples
    backend: StrictStr = "ecod"
    min_samples: Annotated[Whole, Field(ge=10, le=100_000)] = 50
    retrain_interval: Annotated[Whole, Field(ge=10, le=10_000_000)] = 100
    window_size: Annotated[Whole, Field(ge=50, le=100_000)] = 1000
    contamination: Contamination = 0.1
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    rolling_windows: Windows | None = None
    include_lags: bool = False
    lag_periods: Lags | None = None
    schema_: Schema | None = Field(None, alias="schema")
    explain: bool = False
    feature_names: Annotated[list[Column], Field(max_length=MOST_COLUMNS)] | None = None


class BufferRequest(_Request):
    """Make a buffer of the newest records."""

    buffer_id: Name
    window_size: Annotated[Whole, Field(ge=10, le=100_000)] = 1000


class AppendRequest(_Request):
    """Append records to a buffer."""

    buffer_id: Name
    data: Samples


class FeaturesRequest(_Request):
    """Ask for the records of a buffer with their rolling and lagged features."""

    buffer_id: Name
    rolling_windows: Windows = Field(default_factory=lambda: [5, 10, 20])
    include_rolling_stats: Annotated[list[Statistic], Field(max_length=4)] = Field(default_factory=_all_statistics)
    include_lags: bool = True
    lag_periods: Lags = Field(default_factory=lambda: [1, 2, 3])
    tail: Annotated[Whole, Field(ge=1, le=100_000)] | None = None
