"""What clients get of streams, for the OpenAPI document."""

from __future__ import annotations

from typing import Literal

from detector.http.answers import Answer, Explanation


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
