"""`python -m detector.http.page`: the OpenAPI document of the HTTP face, and a page of it, into docs/."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from detector.http.bootstrap import build
from detector.settings import DetectorSettings

_DOCS = Path(__file__).parents[2] / "docs"
_HEAD = """# The detector's HTTP API

Generated from the code by `make docs`; for programs the same stands in [detector-openapi.json](detector-openapi.json),
and a running detector serves it at `/openapi.json`. [Moving over](neighbour-api.md) says how to use it.

Bodies and answers are JSON; what went wrong is told as `{"detail": …}`. Fields in *italics* may be left out.
"""


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    found: dict[str, Any] = build(DetectorSettings()).openapi()
    found["info"]["version"] = "1"  # of the API; the package's own would change the file with each release
    return found


def text(found: dict[str, Any]) -> str:
    """Write a document as JSON."""
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def page(found: dict[str, Any]) -> str:
    """Write a document as Markdown: every call with what it takes and what it answers."""
    calls = [
        _call(method.upper(), path, operation, found["components"]["schemas"])
        for path, operations in found["paths"].items()
        for method, operation in operations.items()
    ]
    return "\n".join([_HEAD, *calls])


def _call(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    lines = [f"## {method} {path}", "", operation.get("description", operation["summary"]), ""]
    asked = [f"`{p['name']}`" if p["required"] else f"*`{p['name']}`*" for p in operation.get("parameters", [])]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        asked += _fields(body, schemas)
    if asked:
        lines += ["Takes " + ", ".join(asked) + ".", ""]
    answered = operation["responses"]["200"]["content"]["application/json"]["schema"]
    if "$ref" in answered:
        lines += ["Answers " + ", ".join(_fields(answered, schemas)) + ".", ""]
    return "\n".join(lines)


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    named = schemas[schema["$ref"].rpartition("/")[2]]
    required = set(named.get("required", ()))
    return [_field(name, field, needed=name in required) for name, field in named["properties"].items()]


def _field(name: str, field: dict[str, Any], *, needed: bool) -> str:
    if needed:
        return f"`{name}`"
    default = field.get("default")
    return f"*`{name}`*" + ("" if default is None else f" ({json.dumps(default)})")


def main() -> int:
    """Write the files."""
    found = document()
    (_DOCS / "detector-openapi.json").write_text(text(found), encoding="utf-8")
    (_DOCS / "detector-api.md").write_text(page(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
