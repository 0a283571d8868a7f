from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contracts.alert import Alert
from contracts.codec import decode, encode
from explainer.grounding.check import check_grounding, check_hypotheses
from explainer.grounding.facts import facts_of
from explainer.llm.answer import CleanAnswer
from explainer.llm.building import provider_of
from explainer.local_model.server import LocalModel
from explainer.local_model.settings import LocalModelSettings
from explainer.settings import ExplainerSettings
from explainer.words.knowledge import load_knowledge
from runtime.memory_bus import MemoryBroker
from storage.browsing import page
from tests.unit.explainer.anomalies import anomaly
from tests.unit.explainer.grounding.incidents import CASES
from tests.unit.explainer.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contracts.anomaly import Anomaly

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SETTINGS: dict[str, Any] = {
    "llm_template": "small",
    "llm_short_answers": True,
    "llm_concurrency": 1,
    "llm_timeout_s": 120,
    "llm_deadline_s": 240,
    "llm_cache_days": 0,
    "site_devices": 1000,
}


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    """A small language model, served by llama.cpp in this process; skipped where it is not installed."""
    pytest.importorskip("xllamacpp", reason="make llm: a local model server", exc_type=ImportError)
    try:
        settings = LocalModelSettings(local_model_port=0)
    except ValueError as error:
        pytest.skip(str(error))
    server = LocalModel(settings)
    server.start()
    yield server.address
    server.stop()


def incidents() -> list[Anomaly]:
    """Ten incidents of ten kinds of device, with nine kinds of trouble."""
    return [
        anomaly(device=device, kind=kind, readings=readings, rarity_days=rarity, contributions=contributions)
        for device, kind, readings, rarity, contributions in CASES.values()
    ]


def finished(pipeline: Pipeline) -> int:
    """Count the attempts that have ended."""
    with pipeline.engine.connect() as connection:
        count = "SELECT count(*) FROM explanations WHERE outcome NOT IN ('running', 'interrupted')"
        return int(connection.exec_driver_sql(count).scalar_one())


def test_a_real_model_never_passes_off_what_is_not_grounded(model_url: str, tmp_path: Path) -> None:
    """Over ten incidents every alert is valid and has a text; what is shown as grounded passes the checks again."""
    provider = provider_of(ExplainerSettings(llm_base_url=model_url))
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=provider, **SETTINGS)
    pipeline.bus.patience_s = 1.0  # the model needs the processor more than we do
    raised = incidents()
    assert len(raised) >= 10
    pipeline.send(*raised)
    while finished(pipeline) < len(raised):
        pipeline.step(1)
    pipeline.step(1)
    pipeline.service.stop()
    alerts = page(pipeline.engine).alerts
    assert len(alerts) == len(raised)
    for alert in alerts:
        assert decode(encode(alert), Alert) == alert
        assert alert.label
        assert alert.reason
        check_shown(alert)


def check_shown(alert: Alert) -> None:
    """Check that what an alert shows as grounded is, and that what is not is marked and stands beside it."""
    if alert.explanation.source == "llm":
        assert alert.explanation.grounded
        facts = facts_of(alert, load_knowledge())
        check_grounding((alert.label, alert.reason), facts)
        check_hypotheses(CleanAnswer(alert.label, alert.reason, alert.causes, alert.actions), facts)
        assert alert.explanation.doubtful is None
    else:
        assert not alert.explanation.grounded
        assert alert.evidence.text.startswith(alert.label)
