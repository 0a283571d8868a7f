"""The API's own documents: `python -m web.api.page` writes docs/openapi.json and docs/api.md.

A test sees that both are up to date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from contracts.schema_words import objects_in, type_words
from runtime.memory_bus import MemoryBroker
from web.bootstrap import assemble
from web.settings import WebSettings

DIRECTORY = Path(__file__).parents[2] / "docs"
_HEAD = """\
# The HTTP API

Generated from the code by `make docs`; for programs the same stands in [openapi.json](openapi.json), and the running
page shows it at `/api` (`/api/v1/openapi.json`).

    curl -s 'http://localhost:8088/api/v1/alerts?severity=major&limit=5'
    curl -sN 'http://localhost:8088/api/v1/live?device=press-1'
    curl -s -H 'Content-Type: application/json' -d '{"verdict": "acknowledged"}' \\
      http://localhost:8088/api/v1/incidents/<incident>/feedback

Without a login it answers to this machine alone. With a token each call carries `Authorization: Bearer <token>`. Lists
are read a page at a time: `next` of an answer goes into `after` of the next call. Every answer has an `ETag`; what went
wrong is told as [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) has it. What changes something must be sent as JSON.

## Calls
"""


def document() -> dict[str, Any]:
    """Make the OpenAPI document; its version is left out, so that the file changes with the API alone."""
    service = assemble(WebSettings(database_url="sqlite:///:memory:"), MemoryBroker().client("docs"))
    made = service.server.app.openapi()
    return {**made, "info": {**made["info"], "version": "1"}}


def text(made: dict[str, Any]) -> str:
    """Write the document as it stands in its file."""
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def page(made: dict[str, Any]) -> str:
    """Write the document as a page that people read."""
    calls = [
        _call(path, method, operation)
        for path, operations in made["paths"].items()
        for method, operation in operations.items()
    ]
    return f"{_HEAD}\n{''.join(calls)}## Objects\n\n{objects_in(made['components']['schemas'])}"


def _call(path: str, method: str, operation: dict[str, Any]) -> str:
    lines = [f"### {method.upper()} {path}\n", operation.get("description", operation.get("summary", "")), ""]
    parameters = operation.get("parameters", [])
    if parameters:
        lines += ["| parameter | in | type | |", "|---|---|---|---|"]
        lines += [
            f"| `{each['name']}` | {each['in']} | {type_words(each['schema'])} | {each.get('description', '')} |"
            for each in parameters
        ]
        lines.append("")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    lines += [f"Body: {type_words(body['schema'])}", ""] if body else []
    lines += [_answer(status, answer) for status, answer in sorted(operation["responses"].items())]
    return "\n".join(lines) + "\n\n"


def _answer(status: str, answer: dict[str, Any]) -> str:
    kinds = [
        f"{kind} {type_words(content['schema'])}" if content.get("schema") else kind
        for kind, content in answer.get("content", {}).items()
    ]
    return f"- {status}: {answer['description']}{': ' + ', '.join(kinds) if kinds else ''}"


def main() -> int:
    """Write both files; return the exit code."""
    made = document()
    DIRECTORY.mkdir(exist_ok=True)
    (DIRECTORY / "openapi.json").write_text(text(made), encoding="utf-8")
    (DIRECTORY / "api.md").write_text(page(made), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
