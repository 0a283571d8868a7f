"""The JSON Schema of profile files, for editors: `python -m devices.profiles.json_schema` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from devices.profiles.profile import ProfileFile

FILE = Path(__file__).with_name("profiles.schema.json")


def schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tocsin device profiles",
        **msgspec.json.schema(ProfileFile),
    }


def text() -> str:
    """Write the schema as it stands in its file."""
    return json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
