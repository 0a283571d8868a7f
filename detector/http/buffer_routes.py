"""`/v1/ml/polars`: buffers of records and their features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request

from detector.http import buffer_answers as answers
from detector.http.requests import AppendRequest, BufferRequest, FeaturesRequest  # noqa: TC001 - FastAPI reads it
from detector.http.rolling import with_features
from detector.http.serving import Json, parts_of

if TYPE_CHECKING:
    import polars as pl

_DEFAULT_WINDOWS, _DEFAULT_STATISTICS, _DEFAULT_LAGS = (5, 10, 20), ("mean", "std", "min", "max"), (1, 2, 3)
router = APIRouter(prefix="/v1/ml/polars", tags=["buffers"])


@router.post("/buffers", response_model=answers.BufferCreated)
def create(request: Request, asked: BufferRequest) -> Json:
    """Make a buffer."""
    parts_of(request).buffers.create(asked.buffer_id, asked.window_size)
    return Json(
        {
            "object": "buffer_created",
            "buffer_id": asked.buffer_id,
            "window_size": asked.window_size,
            "status": "created",
        }
    )


@router.get("/buffers", response_model=answers.BufferList)
def buffers(request: Request) -> Json:
    """List the buffers."""
    data = [buffer.stats() for buffer in parts_of(request).buffers.all()]
    return Json({"object": "list", "data": data, "total": len(data)})


@router.get("/buffers/{buffer_id}", response_model=answers.BufferStats)
def stats(request: Request, buffer_id: str) -> Json:
    """Describe a buffer."""
    return Json(parts_of(request).buffers.get(buffer_id).stats())


@router.delete("/buffers/{buffer_id}", response_model=answers.BufferDeleted)
def delete(request: Request, buffer_id: str) -> Json:
    """Forget a buffer."""
    parts_of(request).buffers.delete(buffer_id)
    return Json({"deleted": True, "buffer_id": buffer_id})


@router.post("/buffers/{buffer_id}/clear", response_model=answers.BufferCleared)
def clear(request: Request, buffer_id: str) -> Json:
    """Forget a buffer's records."""
    parts_of(request).buffers.get(buffer_id).clear()
    return Json({"cleared": True, "buffer_id": buffer_id, "size": 0})


@router.post("/append", response_model=answers.Appended)
def append(request: Request, asked: AppendRequest) -> Json:
    """Append one record or several."""
    buffer = parts_of(request).buffers.get(asked.buffer_id)
    records = [asked.data] if isinstance(asked.data, dict) else asked.data
    size = buffer.append(records)
    return Json(
        {
            "object": "append_result",
            "buffer_id": asked.buffer_id,
            "appended": len(records),
            "buffer_size": size,
            "avg_append_ms": buffer.avg_append_ms,
        }
    )


@router.post("/features", response_model=answers.Table)
def features(request: Request, asked: FeaturesRequest) -> Json:
    """Return the records with rolling and lagged features."""
    frame = parts_of(request).buffers.get(asked.buffer_id).frame()
    lags = asked.lag_periods if asked.include_lags else []
    frame = with_features(frame, asked.rolling_windows, asked.include_rolling_stats, lags)
    return Json(_table(asked.buffer_id, frame, asked.tail))


@router.get("/buffers/{buffer_id}/data", response_model=answers.Table)
def records(
    request: Request,
    buffer_id: str,
    tail: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    with_features_: Annotated[bool, Query(alias="with_features")] = False,  # noqa: FBT002 - a query's flag
) -> Json:
    """Return the records, the newest `tail` of them, with features if asked."""
    frame = parts_of(request).buffers.get(buffer_id).frame()
    if with_features_:
        frame = with_features(frame, _DEFAULT_WINDOWS, _DEFAULT_STATISTICS, _DEFAULT_LAGS)
    return Json(_table(buffer_id, frame, tail))


def _table(name: str, frame: pl.DataFrame, tail: int | None) -> dict[str, Any]:
    shown = frame if tail is None else frame.tail(tail)
    return {
        "object": "polars_data",
        "buffer_id": name,
        "rows": shown.height,
        "columns": shown.columns,
        "data": shown.to_dicts(),
    }
