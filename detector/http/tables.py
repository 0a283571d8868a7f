"""Tables of rows: encoded for a fit, scored by a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detector.http.batch_model import BatchModel, matrix_of
from detector.http.encoding import Encoder
from detector.http.errors import RequestError
from detector.http.explanation import explanation

if TYPE_CHECKING:
    from detector.http.batch_models import BatchModels
    from detector.http.requests import FitRequest, ScoreRequest
    from detector.rows.features import Floats


def encoded(asked: FitRequest) -> tuple[Encoder | None, tuple[str, ...], Floats]:
    """Return how rows are encoded, the names of the columns, and the rows (n, C) as numbers.

    Raises:
        RequestError: they are of different widths, or objects without a schema.
    """
    data = asked.data
    if not isinstance(data[0], dict):
        rows = matrix_of(data)
        return None, tuple(f"feature_{number}" for number in range(rows.shape[1])), rows
    if not asked.schema_:
        raise RequestError(400, "rows of objects need a `schema`: the encoding of each column")
    encoder = Encoder(dict(asked.schema_))
    for row in data:
        encoder.learn(row)
    encoded = [list(encoder.encode(row).values()) for row in data]
    return encoder, encoder.features, matrix_of(encoded)


def scored(models: BatchModels, asked: ScoreRequest) -> dict[str, Any]:
    """Score rows, each on its own; return the answer of `/score`.

    Raises:
        RequestError: there is no such model, or the rows are not for it.
    """
    model = models.find(asked.model, asked.backend)
    rows = model.used(model.matrix(asked.data))
    threshold = asked.threshold
    if threshold is None:
        threshold = model.normalized(model.card.threshold, asked.normalization)
    data = [_scored_row(model, number, row, threshold, asked) for number, row in enumerate(rows)]
    count = sum(row["is_anomaly"] for row in data)
    return {
        "object": "list",
        "data": data,
        "total_count": len(data),
        "model": model.card.name,
        "backend": model.card.backend,
        "summary": {
            "total_points": len(data),
            "anomaly_count": count,
            "anomaly_rate": count / len(data),
            "threshold": threshold,
        },
    }


def _scored_row(model: BatchModel, number: int, row: Floats, threshold: float, asked: ScoreRequest) -> dict[str, Any]:
    raw = model.lone.raw(row)
    score = model.normalized(raw, asked.normalization)
    scored: dict[str, Any] = {"index": number, "score": score, "is_anomaly": score > threshold, "raw_score": raw}
    if asked.explain:
        names = model.lone.model.metrics
        if asked.feature_names is not None and len(asked.feature_names) == len(names) == len(model.card.columns):
            names = tuple(asked.feature_names) if model.card.vectors else names
        values = [None if value != value else value for value in row.tolist()]  # noqa: PLR0124 - NaN
        usual = model.lone.model.scaling.centre[: len(names)].tolist()
        scored["explanation"] = explanation(names, values, usual, model.lone.distances(row).tolist(), raw)
    return scored
