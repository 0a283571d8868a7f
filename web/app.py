"""Puts the web application together: API, page, errors as problems, the OpenAPI document."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from runtime.logs import get_logger
from runtime.version import version
from storage.errors import BadCursorError, UnavailableError, UnknownIncidentError
from web.api import actions, alerts, devices, login, pipeline
from web.api.openapi import document
from web.api.replies import field_errors, problem
from web.errors import NotTakenError, UnknownDeviceError
from web.guard import Guard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from web.shelf import Shelf
    from web.site import Site

STATIC = Path(__file__).parent / "static"
API = "/api/v1"
_LOOK_EVERY_S = 15.0
_PAGE = {"Cache-Control": "no-cache"}
_log = get_logger("web")


def make_app(site: Site, names: frozenset[str]) -> FastAPI:
    """Make the application.

    Args:
        site: what it shows.
        names: host names it may be called by while there is no login.
    """
    app = FastAPI(
        title="Tocsin",
        version=version(),
        summary="Alerts, devices and their readings, and what people say of them.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        lifespan=_lifespan,
    )
    app.state.site = site
    for part in (alerts, devices, actions, pipeline, login):
        app.include_router(part.router, prefix=API)
    app.include_router(pipeline.metrics)
    _add_page(app)
    _add_errors(app)
    app.openapi = lambda: document(app)  # type: ignore[method-assign] # FastAPI's own way to change it
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=4)
    app.add_middleware(Guard, gate=site.gate, names=names, https=site.https)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(app.state.site.hub.run()), asyncio.create_task(_look(app.state.site.shelf))]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _look(shelf: Shelf) -> None:
    """See again and again how the database is, and what was spent."""
    while True:
        with suppress(UnavailableError):  # the shelf notes it, and the page tells
            await asyncio.to_thread(shelf.look)
        await asyncio.sleep(_LOOK_EVERY_S)


def _add_page(app: FastAPI) -> None:
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return FileResponse(STATIC / "index.html", headers=_PAGE)

    @app.get("/login", include_in_schema=False)
    async def login_page() -> Response:
        return FileResponse(STATIC / "login.html", headers=_PAGE)

    @app.get("/api", include_in_schema=False)
    async def api_page() -> Response:
        return FileResponse(STATIC / "api.html", headers=_PAGE)

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> Response:
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")


def _add_errors(app: FastAPI) -> None:
    statuses: dict[type[Exception], int] = {
        UnavailableError: 503,
        NotTakenError: 503,
        UnknownIncidentError: 404,
        UnknownDeviceError: 404,
        BadCursorError: 400,
    }
    for kind, status in statuses.items():
        app.add_exception_handler(kind, _told(status))
    app.add_exception_handler(RequestValidationError, _wrong_values)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _told(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(_request: Request, error: Exception) -> Response:
        return problem(status, str(error))

    return handler


async def _wrong_values(_request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    broken = any(each["type"] == "json_invalid" for each in errors)
    return problem(
        400 if broken else 422, "not JSON" if broken else "some values are wrong", errors=field_errors(errors)
    )


async def _http(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(getattr(error, "detail", error))
    return problem(status, detail, headers=getattr(error, "headers", None))


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("a request failed", path=request.url.path, error=repr(error))
    return problem(500, "an error of ours; the log says more")
