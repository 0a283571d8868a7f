"""The application: its routes, its guard, and how errors are said."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError

from detector.http import answers, buffer_routes, device_routes, model_routes, stream_routes
from detector.http.errors import RequestError
from detector.http.guard import Guard, Rules
from detector.http.serving import Json, Parts
from detector.store.state import StateError
from runtime.version import version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_SHOWN_INPUT = 200
_REFUSALS: dict[int | str, dict[str, Any]] = {
    code: {"model": answers.Refusal} for code in (400, 401, 404, 405, 409, 413, 422, 503)
}


def make_application(parts: Parts, rules: Rules) -> FastAPI:
    """Put routes and parts together."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            parts.fits.stop()

    application = FastAPI(
        title="Tocsin detector",
        version=version(),
        description="Anomaly detection by request, feature buffers, and what the detector keeps of its devices.",
        lifespan=running,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )
    application.state.parts = parts
    for routes in (stream_routes, model_routes, buffer_routes, device_routes):
        application.include_router(routes.router, responses=_REFUSALS)
    application.add_api_route("/health", _health, methods=["GET"], tags=["health"])
    application.add_exception_handler(405, _wrong_method)
    application.add_exception_handler(RequestError, _refused)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(StateError, _unreadable)
    application.add_middleware(Guard, rules=rules)
    return application


async def _health() -> dict[str, str]:
    """Tell that the server answers."""
    return {"status": "healthy", "version": version()}


def _part(name: re.Match[str]) -> str:
    """Return what may stand for a name in a path; a device's may hold slashes."""
    return ".+" if name[1] == "device" else "[^/]+"


async def _wrong_method(request: Request, _: Exception) -> Json:
    """Name every method of the path: each is a route of its own, and the router knows of one only."""
    paths = request.app.openapi()["paths"]
    path = request.url.path
    fitting = [path] if path in paths else [t for t in paths if re.fullmatch(re.sub(r"\{(\w+)\}", _part, t), path)]
    allowed = sorted({method.upper() for template in fitting for method in paths[template]})
    words = f"{request.method[:20]} is not for this path; it takes {', '.join(allowed)}"
    return Json({"detail": words}, status_code=405, headers={"Allow": ", ".join(allowed)})


async def _refused(_: Request, error: Exception) -> Json:
    status, detail = (error.status, error.detail) if isinstance(error, RequestError) else (500, "internal error")
    return Json({"detail": detail}, status_code=status)


async def _invalid(_: Request, error: Exception) -> Json:
    """Say what is wrong with a request, without repeating long input."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    detail = [
        {
            "loc": [part if isinstance(part, int) else str(part)[:_SHOWN_INPUT] for part in one["loc"]],
            "msg": str(one["msg"])[:_SHOWN_INPUT],
            "type": one["type"],
        }
        for one in found[:20]
    ]
    return Json({"detail": detail}, status_code=422)


async def _unreadable(_: Request, error: Exception) -> Json:
    return Json({"detail": f"the detector's state cannot be read: {error}"}, status_code=503)
