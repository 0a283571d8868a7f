"""The OpenAPI document: FastAPI's, with the schemas of our messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi.openapi.utils import get_openapi

from web.api.answers import MESSAGES

if TYPE_CHECKING:
    from fastapi import FastAPI

_REF = "#/components/schemas/{name}"
_COMMON = (401, 421)


def document(app: FastAPI) -> dict[str, Any]:
    """Make the document, once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes, openapi_version="3.1.0"
        )
        _, ours = msgspec.json.schema_components(MESSAGES, ref_template=_REF)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas.update(ours)
        made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{}, {"token": []}]
        for operation in (each for path in made["paths"].values() for each in path.values()):
            _tidy(operation)
        app.openapi_schema = made
    return app.openapi_schema


def _tidy(operation: dict[str, Any]) -> None:
    """Take away FastAPI's own words on wrong values, and add what the guard may answer."""
    responses = operation["responses"]
    said = {
        "description": "Refused",
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}},
    }
    if "application/json" in responses.get("422", {}).get("content", {}):
        responses["422"] = said | {"description": "Wrong values"}
    for status in _COMMON:
        responses.setdefault(str(status), said)
