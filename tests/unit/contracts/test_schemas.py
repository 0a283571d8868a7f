"""JSON Schemas of the messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import pytest

from contracts import json_schema
from contracts.codec import encode
from contracts.reading import Reading


@pytest.mark.parametrize("name", json_schema.MESSAGES)
def test_schema_files_are_those_of_the_types(name: str) -> None:
    """The committed schema is the one the types give; after a change run `python -m contracts.json_schema`."""
    assert (json_schema.DIRECTORY / f"{name}.json").read_text(encoding="utf-8") == json_schema.text(name)


@pytest.mark.parametrize("name", json_schema.MESSAGES)
def test_schemas_are_valid(name: str) -> None:
    """Every schema is itself valid."""
    jsonschema.Draft202012Validator.check_schema(json_schema.schema(name))


def test_an_encoded_reading_follows_its_schema() -> None:
    """What the codec writes, the schema accepts; a wrong value it refuses."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    reading = Reading(device="boiler", values={"t": 21.5, "p": None}, measured_at=at, seq=1)
    written = json.loads(encode(reading))
    validator = jsonschema.Draft202012Validator(json_schema.schema("reading"))
    assert validator.is_valid(written)
    assert validator.is_valid({"values": {"t": 1}})
    assert not validator.is_valid({**written, "values": {"t": "warm"}})
