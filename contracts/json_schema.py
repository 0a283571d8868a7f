"""JSON Schemas of the messages, generated from the types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from contracts.alert import Alert
from contracts.anomaly import Anomaly
from contracts.reading import Reading, Truth
from contracts.service import Answer, Command, DeadLetter, DeviceStatus, Feedback, Receipt, Score, ServiceStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECTORY = Path(__file__).parent / "schemas"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

MESSAGES: Mapping[str, type[msgspec.Struct]] = {
    "alert": Alert,
    "answer": Answer,
    "anomaly": Anomaly,
    "command": Command,
    "dead_letter": DeadLetter,
    "device_status": DeviceStatus,
    "feedback": Feedback,
    "reading": Reading,
    "receipt": Receipt,
    "score": Score,
    "service_status": ServiceStatus,
    "truth": Truth,
}


def schema(name: str) -> dict[str, Any]:
    """Make the JSON Schema of a message."""
    made = msgspec.json.schema(MESSAGES[name])
    made["$defs"] = as_on_the_wire(made["$defs"])
    return {"$schema": _DIALECT, **made}


def as_on_the_wire(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return schemas in which a Reading needs its `values` alone: topic and arrival stand in for the rest."""
    if "Reading" not in schemas:
        return dict(schemas)
    return {**schemas, "Reading": {**schemas["Reading"], "required": ["values"]}}


def text(name: str) -> str:
    """Write the JSON Schema of a message as it stands in its file."""
    return json.dumps(schema(name), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_all() -> None:
    """Write every schema file: `python -m contracts.json_schema`."""
    DIRECTORY.mkdir(exist_ok=True)
    for name in MESSAGES:
        (DIRECTORY / f"{name}.json").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    write_all()
