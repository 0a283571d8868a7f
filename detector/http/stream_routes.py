"""`/v1/ml/anomaly/stream`: detectors that learn from the samples they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from detector.http import stream_answers as answers
from detector.http.backend_names import served_by
from detector.http.requests import StreamRequest  # noqa: TC001 - FastAPI reads it
from detector.http.serving import Json, parts_of
from detector.http.terms import Terms

if TYPE_CHECKING:
    from detector.http.live_stream import LiveStream

router = APIRouter(prefix="/v1/ml/anomaly/stream", tags=["streams"])


@router.post("", response_model=answers.StreamAnswer, response_model_exclude_unset=True)
async def stream(request: Request, asked: StreamRequest) -> Json:
    """Send one sample or several in order; the first call makes the detector, later ones cannot change it."""
    live = parts_of(request).streams.get_or_make(asked.model, lambda: _terms(asked))
    samples = [asked.data] if isinstance(asked.data, dict) else asked.data
    results = await live.take(samples, explain=asked.explain)
    return Json(
        {
            "object": "streaming_result",
            "model": live.terms.model,
            "status": live.status,
            "results": results,
            "model_version": live.version,
            "samples_collected": live.collected,
            "samples_until_ready": live.until_ready,
            "threshold": live.terms.threshold,
        }
    )


@router.get("/detectors", response_model=answers.StreamList)
async def detectors(request: Request) -> Json:
    """List the streaming detectors."""
    data = [_stats(live) for live in parts_of(request).streams]
    return Json({"object": "list", "data": data, "total": len(data)})


@router.get("/{model}", response_model=answers.StreamDetector)
async def detector(request: Request, model: str) -> Json:
    """Tell how a streaming detector stands."""
    return Json({"object": "streaming_detector", **_stats(parts_of(request).streams.get(model))})


@router.delete("/{model}", response_model=answers.DeletedStream)
async def delete(request: Request, model: str) -> Json:
    """Forget a streaming detector."""
    parts_of(request).streams.delete(model)
    return Json({"object": "delete_result", "model": model, "deleted": True})


@router.post("/{model}/reset", response_model=answers.ResetStream)
async def reset(request: Request, model: str) -> Json:
    """Let a streaming detector begin again, on its old terms."""
    live = parts_of(request).streams.get(model)
    await live.restart()
    return Json({"object": "reset_result", "model": model, "status": live.status, "reset": True})


def _terms(asked: StreamRequest) -> Terms:
    return Terms(
        model=asked.model,
        backend=asked.backend,
        served_by=served_by(asked.backend),
        min_samples=asked.min_samples,
        retrain_interval=asked.retrain_interval,
        window_size=asked.window_size,
        threshold=asked.threshold,
        schema=asked.schema_ or None,
    )


def _stats(live: LiveStream) -> dict[str, Any]:
    terms = live.terms
    return {
        "model_id": terms.model,
        "backend": terms.backend,
        "status": live.status,
        "model_version": live.version,
        "samples_collected": live.collected,
        "total_processed": live.processed,
        "samples_since_retrain": live.since_retrain,
        "min_samples": terms.min_samples,
        "retrain_interval": terms.retrain_interval,
        "window_size": terms.window_size,
        "threshold": terms.threshold,
        "is_ready": live.version > 0,
    }
