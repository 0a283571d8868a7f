"""The page's API against its own OpenAPI document: whatever is asked, the answer is one that the document allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from contracts.anomaly import incident_id
from tests.web_site import running_site

if TYPE_CHECKING:
    from collections.abc import Iterator

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not here: the API is not tried out by it")
from schemathesis import GenerationMode  # noqa: E402
from schemathesis.checks import load_all_checks  # noqa: E402
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

load_all_checks()


MODES = list(GenerationMode)
REAL = {"device": "boiler", "incident": incident_id("boiler", "third")}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The document of a page that runs; the stream of events never ends, so it is left out."""
    with running_site(tmp_path_factory.mktemp("schema")) as site:
        for second in range(20):
            site.say_score("boiler", second, temperature=float(second), pressure=1.0)
        site.say_status("boiler")
        yield schemathesis.openapi.from_url(f"{site.address}/api/v1/openapi.json").exclude(path_regex="/live$")


@pytest.mark.parametrize("mode", MODES, ids=[mode.value for mode in MODES])
def test_every_answer_is_one_that_the_document_allows(schema: Any, mode: Any) -> None:
    """No call, right or wrong, gives a server error, an undocumented status, or a body of another shape."""
    operations = [each.ok() for each in schema.get_all_operations()]
    assert len(operations) > 15
    failures = {operation.label: _failure(operation, mode) for operation in operations}
    assert {label: words for label, words in failures.items() if words} == {}


def _failure(operation: Any, mode: Any) -> str:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=12, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    def call(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.path_parameters.update({name: REAL[name] for name in case.path_parameters if name in REAL})
        # A cursor must be one that a page gave: a well-formed one may be refused.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    try:
        call()
    except Unsatisfiable:
        return ""  # nothing wrong can be made for a call without parameters
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all operations are told of at once
        return f"{type(error).__name__}: {error}"[:1500]
    return ""
