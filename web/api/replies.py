"""Answers as bytes: JSON with an entity tag, problems as RFC 9457 has them."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import Response

from web.api.answers import JSON, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request

PROBLEM = "application/problem+json"
_TITLES = {
    400: "Bad request",
    401: "Login needed",
    403: "Refused",
    404: "Not found",
    405: "Method not allowed",
    413: "Too large",
    415: "Not JSON",
    421: "Unknown host name",
    422: "Wrong values",
    429: "Too many tries",
    500: "Error of ours",
    503: "Not available now",
}
_encoder = msgspec.json.Encoder()


def reply(request: Request, answer: msgspec.Struct) -> Response:
    """Answer 200 with the entity tag of the bytes, or 304 when the asker has them already."""
    body = _encoder.encode(answer)
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = request.headers.get("if-none-match", "")
    if tag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=JSON, headers=headers)


def accepted(answer: msgspec.Struct, status: int = 202) -> Response:
    """Answer that something was sent on its way."""
    return Response(_encoder.encode(answer), status_code=status, media_type=JSON, headers={"Cache-Control": "no-store"})


def problem(
    status: int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer that something went wrong."""
    told = Problem(title=_TITLES.get(status, "Error"), status=status, detail=detail, errors=errors)
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(_encoder.encode(told), status_code=status, media_type=PROBLEM, headers=kept)


def documented(answer: type[msgspec.Struct], what: str, *, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Describe a good answer for the OpenAPI document."""
    schema = {"$ref": f"#/components/schemas/{answer.__name__}"}
    return {status: {"description": what, "content": {JSON: {"schema": schema}}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe what may go wrong for the OpenAPI document."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {each: {"description": _TITLES[each], "content": {PROBLEM: {"schema": schema}}} for each in statuses}


def field_errors(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Name each wrong field and what was expected there."""
    return [
        {"field": ".".join(str(part) for part in each["loc"])[:200], "expected": str(each["msg"])[:300]}
        for each in errors
    ]
