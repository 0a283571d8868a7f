from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
LOCKED = ROOT / "tests" / "specifications"


def read(file: str) -> dict[str, Any]:
    """Read one of the generated documents."""
    return dict(json.loads((DOCS / file).read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", ["openapi.json", "detector-openapi.json"])
def test_both_http_apis_are_described_as_openapi_wants_it(file: str) -> None:
    """The documents hold to the OpenAPI specification: a validator made for it finds nothing."""
    document = read(file)
    assert document["openapi"].startswith("3.1")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_a_document_that_breaks_the_specification_is_noticed() -> None:
    """The check is able to fail: a parameter that stands nowhere is refused."""
    document = read("openapi.json")
    document["paths"]["/api/v1/alerts"]["get"]["parameters"][0]["in"] = "nowhere"
    assert list(OpenAPIV31SpecValidator(document).iter_errors())


@pytest.fixture(scope="module")
def asyncapi_schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """AsyncAPI's own schema, from its npm package, as it is locked."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not here: docs/asyncapi.json is not checked with AsyncAPI's own schema")
    folder = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKED / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip(f"npm could not fetch AsyncAPI's schema: {done.stderr[-300:]}")
    schema = folder / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
    return dict(json.loads(schema.read_text(encoding="utf-8")))


@pytest.mark.slow
def test_the_topics_are_described_as_asyncapi_wants_it(asyncapi_schema: dict[str, Any]) -> None:
    """AsyncAPI's own schema finds nothing in the document, and finds an operation without a channel."""
    document = read("asyncapi.json")
    validator = jsonschema.Draft7Validator(asyncapi_schema)
    assert [error.message for error in validator.iter_errors(document)] == []
    del document["operations"]["hear_alerts"]["channel"]
    assert not validator.is_valid(document)
