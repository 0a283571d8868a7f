"""What clients get, for the OpenAPI document; answers are written as they are, not validated again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Of any request."""

    model_config = ConfigDict(protected_namespaces=(), populate_by_name=True)


class Refusal(Answer):
    """A request that cannot be served, and why; a list where the request itself is wrong."""

    detail: str | list[dict[str, Any]]


class Contribution(Answer):
    """Of one feature; `shap_value` in units of the raw score, positive where it increases it."""

    feature: str
    value: float | None
    shap_value: float
    direction: Literal["increases", "decreases"]


class Explanation(Answer):
    """Why a row scores as it does, largest contribution first."""

    summary: str
    contributions: list[Contribution]
    details: list[str] = []


class EncoderAnswer(Answer):
    """How rows of objects become numbers."""

    schema_: Annotated[dict[str, str], Field(alias="schema")]
    features: list[str]


class ModelParams(Answer):
    """What a model was fitted with; `threshold` in the normalization asked for."""

    backend: str
    contamination: float
    threshold: float
    input_dim: int


class FitAnswer(Answer):
    """A model that was fitted and saved."""

    object: Literal["fit_result"]
    model: str
    backend: str
    samples_fitted: int
    training_time_ms: float
    model_params: ModelParams
    encoder: EncoderAnswer | None
    saved_path: str
    status: Literal["fitted"]
    base_name: str
    versioned_name: str
    overwrite: bool


class ScoredRow(Answer):
    """One row; `score` in the normalization asked for, `raw_score` in decades: 3 is one row in a thousand."""

    index: int
    score: float
    is_anomaly: bool
    raw_score: float
    explanation: Explanation | None = None


class ScoreSummary(Answer):
    """Of all rows."""

    total_points: int
    anomaly_count: int
    anomaly_rate: float
    threshold: float


class ScoreAnswer(Answer):
    """Every row's score."""

    object: Literal["list"]
    data: list[ScoredRow]
    total_count: int
    model: str
    backend: str
    summary: ScoreSummary


class DetectedRow(Answer):
    """One anomalous row."""

    index: int
    score: float
    raw_score: float


class DetectSummary(Answer):
    """Of all rows."""

    anomalies_detected: int
    threshold: float


class DetectAnswer(Answer):
    """The anomalous rows alone."""

    object: Literal["list"]
    data: list[DetectedRow]
    total_count: int
    model: str
    backend: str
    summary: DetectSummary


class SaveAnswer(Answer):
    """Where a model was saved."""

    object: Literal["save_result"]
    model: str
    backend: str
    filename: str
    path: str
    encoder_path: str | None
    status: Literal["saved"]


class LoadAnswer(Answer):
    """A model that was loaded."""

    object: Literal["load_result"]
    model: str
    backend: str
    normalization: str
    filename: str
    is_fitted: bool
    threshold: float
    encoder_loaded: bool
    encoder_schema: dict[str, str] | None
    status: Literal["loaded"]


class SavedModel(Answer):
    """One saved model."""

    name: str
    filename: str
    base_name: str
    backend: str
    path: str
    size_bytes: int
    created: str
    is_versioned: bool
    description: str | None = None


class ModelList(Answer):
    """All saved models, newest first."""

    object: Literal["list"]
    data: list[SavedModel]
    total: int


class DeletedFile(Answer):
    """A model file that is gone."""

    object: Literal["delete_result"]
    filename: str
    deleted: bool


class BackendAnswer(Answer):
    """One algorithm."""

    backend: str
    name: str
    description: str
    category: str
    speed: str
    memory: str
    parameters: list[str]
    best_for: str
    is_legacy: bool


class BackendList(Answer):
    """All algorithms that can be used here."""

    object: Literal["list"]
    data: list[BackendAnswer]
    total: int
    categories: list[str]


class StreamedSample(Answer):
    """One sample; its scores are null while the stream collects."""

    index: int
    score: float | None
    is_anomaly: bool | None
    raw_score: float | None
    samples_until_ready: int
    explanation: Explanation | None = None


Status = Literal["collecting", "ready", "retraining"]


class StreamAnswer(Answer):
    """What was found in the samples, and how far the stream is."""

    object: Literal["streaming_result"]
    model: str
    status: Status
    results: list[StreamedSample]
    model_version: int
    samples_collected: int
    samples_until_ready: int
    threshold: float


class StreamStats(Answer):
    """How a streaming detector stands."""

    model_id: str
    backend: str
    status: Status
    model_version: int
    samples_collected: int
    total_processed: int
    samples_since_retrain: int
    min_samples: int
    retrain_interval: int
    window_size: int
    threshold: float
    is_ready: bool


class StreamDetector(StreamStats):
    """The same, of one."""

    object: Literal["streaming_detector"]


class StreamList(Answer):
    """All streaming detectors."""

    object: Literal["list"]
    data: list[StreamStats]
    total: int


class DeletedStream(Answer):
    """A streaming detector that is gone."""

    object: Literal["delete_result"]
    model: str
    deleted: bool


class ResetStream(Answer):
    """A streaming detector that begins again."""

    object: Literal["reset_result"]
    model: str
    status: Status
    reset: bool


class BufferCreated(Answer):
    """A new buffer."""

    object: Literal["buffer_created"]
    buffer_id: str
    window_size: int
    status: Literal["created"]


class BufferStats(Answer):
    """What a buffer holds."""

    buffer_id: str
    size: int
    window_size: int
    columns: list[str]
    numeric_columns: list[str]
    memory_bytes: int
    append_count: int
    avg_append_ms: float


class BufferList(Answer):
    """All buffers."""

    object: Literal["list"]
    data: list[BufferStats]
    total: int


class BufferDeleted(Answer):
    """A buffer that is gone."""

    deleted: bool
    buffer_id: str


class BufferCleared(Answer):
    """A buffer that is empty now."""

    cleared: bool
    buffer_id: str
    size: int


class Appended(Answer):
    """What a buffer holds after an append."""

    object: Literal["append_result"]
    buffer_id: str
    appended: int
    buffer_size: int
    avg_append_ms: float


class Table(Answer):
    """Records of a buffer, oldest first."""

    object: Literal["polars_data"]
    buffer_id: str
    rows: int
    columns: list[str]
    data: list[dict[str, Any]]
