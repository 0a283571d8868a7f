"""What clients get of models, for the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from detector.http.answers import Answer, Explanation


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
