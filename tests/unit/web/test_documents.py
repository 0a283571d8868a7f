from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from contracts import asyncapi, asyncapi_page
from contracts.json_schema import MESSAGES
from contracts.topics import Topics
from web.api import page

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("asyncapi.json", asyncapi.text()),
        ("topics.md", asyncapi_page.page(asyncapi.document(), asyncapi.CHANNELS)),
        ("openapi.json", page.text(page.document())),
        ("api.md", page.page(page.document())),
    ],
    ids=["asyncapi.json", "topics.md", "openapi.json", "api.md"],
)
def test_generated_documents_are_up_to_date(file: str, text: str) -> None:
    """The documents say what the code does; `make docs` writes them anew."""
    assert (DOCS / file).read_text(encoding="utf-8") == text, "run: make docs"


def test_every_topic_has_its_channel() -> None:
    """The AsyncAPI document names every topic that the code can name, and no other message than ours."""
    topics = Topics()
    known = {channel.levels.partition("/")[0] for channel in asyncapi.CHANNELS}
    named = [topics.readings("x"), topics.truth("x"), topics.anomalies("x"), topics.alerts("x"), topics.bell("x")]
    named += [topics.scores("x"), topics.device("x"), topics.receipts("x"), topics.service("x", "1")]
    named += [topics.deadletters("x"), topics.feedback("x"), topics.commands("x"), topics.digest()]
    assert {topic.split("/")[1] for topic in named} == known
    assert {channel.message for channel in asyncapi.CHANNELS if channel.message} >= set(MESSAGES.values())


@pytest.mark.parametrize("document", [asyncapi.document(), page.document()], ids=["asyncapi", "openapi"])
def test_every_reference_leads_somewhere(document: dict[str, object]) -> None:
    """No `$ref` of a document points at nothing, and each schema is a valid JSON Schema."""
    for reference in _references(document):
        place: object = document
        for part in reference.removeprefix("#/").split("/"):
            assert isinstance(place, dict)
            assert part in place, reference
            place = place[part]
    for schema in document["components"]["schemas"].values():  # type: ignore[index]
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_page_is_made_of_our_own_files_alone() -> None:
    """No file of the page names another server, and no script makes HTML from text."""
    for file in (ROOT / "web" / "static").rglob("*"):
        if "vendor" in file.parts or file.suffix not in {".html", ".js", ".css"}:
            continue
        text = file.read_text(encoding="utf-8")
        assert "https://" not in text, file
        assert "//cdn" not in text, file
        for unsafe in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            " style=",
            "onclick=",
        ):
            assert unsafe not in text, (file, unsafe)


def test_the_asyncapi_document_is_json() -> None:
    """The file for programs can be read by programs."""
    assert json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))["asyncapi"] == "3.0.0"


def _references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [each for value in part.values() for each in _references(value)]
    return [each for value in part for each in _references(value)] if isinstance(part, list) else []
