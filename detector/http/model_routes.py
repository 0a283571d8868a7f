"""`/v1/ml/anomaly`: fit, score, detect, save, load, models, backends."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from detector.http import model_answers as answers
from detector.http.backend_names import category_of, described, offered, served_by
from detector.http.batch_model import BatchModel, Card, is_versioned, versioned
from detector.http.errors import RequestError
from detector.http.fits import as_request_error
from detector.http.lone_rows import LoneFit, fit_lone_rows
from detector.http.requests import FitRequest, LoadRequest, SaveRequest, ScoreRequest  # noqa: TC001 - FastAPI reads it
from detector.http.serving import Json, parts_of
from detector.http.tables import encoded, scored
from detector.models.fit import FitError

if TYPE_CHECKING:
    from pathlib import Path


router = APIRouter(prefix="/v1/ml/anomaly", tags=["models"])


@router.post("/fit", response_model=answers.FitAnswer)
async def fit(request: Request, asked: FitRequest) -> Json:
    """Fit a model and save it; `overwrite: false` makes a version of its own."""
    parts = parts_of(request)
    began = time.perf_counter()
    server = served_by(asked.backend)
    encoder, columns, rows = await asyncio.to_thread(encoded, asked)
    now = datetime.now(UTC)
    name = asked.model if asked.overwrite else versioned(asked.model, now)
    try:
        fitted, calibration = await parts.fits.run(fit_lone_rows, LoneFit(name, server, columns, rows))
    except FitError as error:
        raise as_request_error(error) from error
    card = Card(
        name=name,
        base_name=asked.model,
        backend=asked.backend,
        columns=columns,
        vectors=encoder is None,
        contamination=asked.contamination,
        normalization=asked.normalization,
        threshold=calibration.threshold(asked.contamination),
        calibration=calibration,
        encoder=encoder,
        fitted_at=now,
        description=asked.description,
    )
    path = await asyncio.to_thread(parts.models.keep, card, fitted)
    return Json(_fit_answer(asked, BatchModel.of(card, fitted), path, len(rows), time.perf_counter() - began))


@router.post("/score", response_model=answers.ScoreAnswer, response_model_exclude_unset=True)
async def score(request: Request, asked: ScoreRequest) -> Json:
    """Score rows, each on its own."""
    return Json(await asyncio.to_thread(scored, parts_of(request).models, asked))


@router.post("/detect", response_model=answers.DetectAnswer)
async def detect(request: Request, asked: ScoreRequest) -> Json:
    """Score rows and return the anomalous ones alone."""
    found = await asyncio.to_thread(scored, parts_of(request).models, asked)
    odd = [{key: row[key] for key in ("index", "score", "raw_score")} for row in found["data"] if row["is_anomaly"]]
    summary = {"anomalies_detected": len(odd), "threshold": found["summary"]["threshold"]}
    return Json({**found, "data": odd, "summary": summary})


@router.post("/save", response_model=answers.SaveAnswer)
def save(request: Request, asked: SaveRequest) -> Json:
    """Save a model that is in memory once more, perhaps with another description."""
    models = parts_of(request).models
    model = models.held(asked.model, asked.backend)
    if model is None:
        raise RequestError(404, f"model {asked.model!r} of backend {asked.backend!r} is not in memory: fit or load it")
    path = models.describe(model, asked.description)
    encoder = None if model.card.encoder is None else str(models.card_path(path))
    return Json(
        {
            "object": "save_result",
            "model": model.card.name,
            "backend": model.card.backend,
            "filename": path.name,
            "path": str(path),
            "encoder_path": encoder,
            "status": "saved",
        }
    )


@router.post("/load", response_model=answers.LoadAnswer)
def load(request: Request, asked: LoadRequest) -> Json:
    """Load a saved model; `NAME-latest` is the newest version."""
    models = parts_of(request).models
    model = models.load(asked.model, asked.backend)
    if model is None:
        known = ", ".join(path.name for path, _ in models.cards()[:20]) or "none"
        raise RequestError(404, f"no saved model {asked.model!r} of backend {asked.backend!r}; there are: {known}")
    card = model.card
    return Json(
        {
            "object": "load_result",
            "model": card.name,
            "backend": card.backend,
            "normalization": card.normalization,
            "filename": models.path(card).name,
            "is_fitted": True,
            "threshold": model.normalized(card.threshold, card.normalization),
            "encoder_loaded": card.encoder is not None,
            "encoder_schema": None if card.encoder is None else card.encoder.schema,
            "status": "loaded",
        }
    )


@router.get("/models", response_model=answers.ModelList, response_model_exclude_unset=True)
def models(request: Request) -> Json:
    """List the saved models, newest first."""
    saved = [_listed(path, card) for path, card in parts_of(request).models.cards()]
    return Json({"object": "list", "data": saved, "total": len(saved)})


@router.delete("/models/{filename}", response_model=answers.DeletedFile)
def delete(request: Request, filename: str) -> Json:
    """Delete a saved model."""
    parts_of(request).models.delete(filename)
    return Json({"object": "delete_result", "filename": filename, "deleted": True})


@router.get("/backends", response_model=answers.BackendList)
def backends() -> Json:
    """List the algorithms that can be used here."""
    data = [described(name) for name in offered()]
    return Json(
        {
            "object": "list",
            "data": data,
            "total": len(data),
            "categories": sorted({category_of(name) for name in offered()}),
        }
    )


def _fit_answer(asked: FitRequest, model: BatchModel, path: Path, rows: int, seconds: float) -> dict[str, Any]:
    card = model.card
    encoder = card.encoder
    return {
        "object": "fit_result",
        "model": card.name,
        "backend": card.backend,
        "samples_fitted": rows,
        "training_time_ms": 1000.0 * seconds,
        "model_params": {
            "backend": model.lone.model.backend,
            "contamination": card.contamination,
            "threshold": model.normalized(card.threshold, card.normalization),
            "input_dim": len(card.columns),
        },
        "encoder": None if encoder is None else {"schema": encoder.schema, "features": list(encoder.features)},
        "saved_path": str(path),
        "status": "fitted",
        "base_name": card.base_name,
        "versioned_name": card.name,
        "overwrite": asked.overwrite,
    }


def _listed(path: Path, card: Card) -> dict[str, Any]:
    listed = {
        "name": card.name,
        "filename": path.name,
        "base_name": card.base_name,
        "backend": card.backend,
        "path": str(path),
        "size_bytes": path.stat().st_size if path.exists() else 0,
        "created": card.fitted_at.isoformat(),
        "is_versioned": is_versioned(card),
    }
    return listed if card.description is None else {**listed, "description": card.description}
