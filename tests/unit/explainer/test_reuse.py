from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from explainer.evidence import Describer
from explainer.incidents.incidents import merge
from explainer.llm.reuse import fingerprint
from explainer.words.knowledge import load_knowledge
from runtime.memory_bus import MemoryBroker
from storage.browsing import page
from tests.llm_server import GOOD_ANSWER
from tests.unit.explainer.anomalies import PRESSURE, TEMPERATURE, anomaly
from tests.unit.explainer.pipeline import Pipeline
from tests.unit.explainer.test_llm import BAD, GOOD, Script

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contracts.alert import Alert
    from contracts.anomaly import Contribution

KNOWLEDGE = load_knowledge()
HOTTER = msgspec.structs.replace(TEMPERATURE, observed=96.5)


def alert_of(*contributions: Contribution, **what: Any) -> Alert:
    """Make the alert of one opening anomaly."""
    return merge(
        None, anomaly(contributions=contributions or (TEMPERATURE,), **what), Describer(KNOWLEDGE)
    ).record.alert


def until(pipeline: Pipeline, condition: Callable[[], bool]) -> None:
    """Turn the explainer until something is so."""
    for _ in range(3000):
        if condition():
            return
        pipeline.step(1)
    pytest.fail("it did not come to pass")


def rows(pipeline: Pipeline) -> list[tuple[str, int]]:
    """Return outcome and requests of each attempt."""
    with pipeline.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT outcome, requests FROM explanations ORDER BY id")
        return [(row[0], row[1]) for row in found]


def test_alike_incidents_are_the_same_question() -> None:
    """A little hotter is the same question; colder, much hotter, another kind or class or template is another."""
    question = fingerprint(alert_of(), "boiler", "m", "engineer")
    assert question == fingerprint(alert_of(HOTTER, device="boiler-2"), "boiler", "m", "engineer")
    others = [
        fingerprint(alert_of(msgspec.structs.replace(TEMPERATURE, observed=20.0)), "boiler", "m", "engineer"),
        fingerprint(alert_of(msgspec.structs.replace(TEMPERATURE, observed=900.0)), "boiler", "m", "engineer"),
        fingerprint(alert_of(PRESSURE), "boiler", "m", "engineer"),
        fingerprint(alert_of(kind="drift"), "boiler", "m", "engineer"),
        fingerprint(alert_of(), "pump", "m", "engineer"),
        fingerprint(alert_of(), "boiler", "m", "brief"),
    ]
    assert question not in others
    assert len(set(others)) == len(others)


def test_an_answer_is_used_again_with_the_figures_of_the_new_incident(tmp_path: Path) -> None:
    """Causes and actions come from memory; figures that do not hold any more are replaced by the evidence's own."""
    provider = Script(GOOD)
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=provider)
    pipeline.send(anomaly(device="boiler-1"))
    until(pipeline, lambda: len(pipeline.alerts()) == 2)
    pipeline.send(anomaly(device="boiler-2", contributions=(HOTTER, PRESSURE)))
    until(pipeline, lambda: len(pipeline.alerts()) == 4)
    alert = pipeline.alerts()[-1]
    assert (alert.explanation.source, alert.explanation.grounded, alert.explanation.tokens) == ("cache", True, 0)
    assert alert.causes[0].cause == GOOD_ANSWER["causes"][0]["cause"]  # type: ignore[index]
    assert "96.5 °C" in alert.reason
    assert "95.25" not in alert.reason
    assert rows(pipeline) == [("explained", 1), ("cached", 0)]
    assert len(provider.asked) == 1
    pipeline.service.stop()


def test_the_name_of_another_device_is_not_carried_over(tmp_path: Path) -> None:
    """What was said of one device is said of the other by its own name."""
    named = {**GOOD_ANSWER, "label": "boiler-1 too hot: temperature is high"}
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=Script(json.dumps(named)))
    for number in (1, 2):
        pipeline.send(anomaly(device=f"boiler-{number}"))
        until(pipeline, lambda number=number: len(pipeline.alerts()) == 2 * number)  # type: ignore[misc]
    assert pipeline.alerts()[-1].label == "boiler-2 too hot: temperature is high"
    pipeline.service.stop()


def test_incidents_that_ask_the_same_wait_for_one_answer(tmp_path: Path) -> None:
    """Of four alike devices that fail over the hours, one is asked about, even when all are owed at once."""
    provider = Script(GOOD)
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=provider, llm_concurrency=4)
    pipeline.send(*(anomaly(device=f"boiler-{i}", after_s=0) for i in range(4)))
    until(pipeline, lambda: len(pipeline.alerts()) == 8)
    assert len(provider.asked) == 1
    assert sorted(rows(pipeline)) == [("cached", 0)] * 3 + [("explained", 1)]
    pipeline.service.stop()


def test_five_hundred_devices_in_the_same_minute_cost_one_call(tmp_path: Path) -> None:
    """They are one incident of the site: one question that says how many, its answer given to all."""
    provider = Script(GOOD)
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=provider, llm_cache_days=0, llm_wait_s=0.5)
    pipeline.send(*(anomaly(device=f"unit {i} east", incident=str(i)) for i in range(500)))
    until(pipeline, lambda: sum(not one.explanation.pending for one in pipeline.alerts()) == 500)
    told = [one for one in pipeline.alerts() if not one.explanation.pending]
    assert len(provider.asked) == 1
    assert '"failed_in_the_same_minute":{"devices":' in provider.asked[0].lines[-1].text
    assert {one.site_incident for one in told} == {told[0].site_incident}
    assert all(one.explanation.devices is not None and one.explanation.devices >= 5 for one in told)  # by then
    assert all(one.causes[0].cause == "a blocked cooler" for one in told)
    assert len(pipeline.published("bell")) == 501  # the explanation rings once
    pipeline.service.stop()


def test_a_few_devices_in_a_minute_are_incidents_of_their_own(tmp_path: Path) -> None:
    """Fewer than the setting says do not make an incident of the site."""
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=Script(GOOD), llm_cache_days=0)
    pipeline.send(*(anomaly(device=f"unit {i} east", incident=str(i)) for i in range(4)))
    until(pipeline, lambda: len(pipeline.alerts()) == 8)
    assert {one.site_incident for one in pipeline.alerts()} == {None}
    pipeline.service.stop()


def test_a_site_incident_goes_on_after_a_restart(tmp_path: Path) -> None:
    """Devices that failed before and after a kill in the same minute are one incident of the site."""
    pipeline = Pipeline(tmp_path, MemoryBroker())
    pipeline.send(*(anomaly(device=f"unit {i} east", incident=str(i)) for i in range(3)))
    pipeline.step()
    pipeline.begin()
    pipeline.send(*(anomaly(device=f"unit {i} east", incident=str(i), after_s=20) for i in range(3, 5)))
    pipeline.step()
    stored = page(pipeline.engine).alerts
    assert len(stored) == 5
    assert len({one.site_incident for one in stored}) == 1
    assert stored[0].site_incident is not None
    pipeline.service.stop()


def test_where_the_first_cannot_be_explained_the_others_do_not_wait(tmp_path: Path) -> None:
    """Their alerts keep the evidence text, and say that there is no explanation."""
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=Script(BAD), llm_cache_days=0, llm_wait_s=0.3)
    pipeline.send(*(anomaly(device=f"unit {i} east", incident=str(i)) for i in range(6)))
    until(pipeline, lambda: sum(not one.explanation.pending for one in pipeline.alerts()) == 6)
    assert {one.explanation.source for one in pipeline.alerts()} == {"evidence"}
    pipeline.service.stop()


def test_words_that_the_evidence_does_not_bear_out_are_shown_marked(tmp_path: Path) -> None:
    """After one repair they stand beside the evidence text, never in its place, and the bell says what they are."""
    provider = Script(BAD)
    pipeline = Pipeline(tmp_path, MemoryBroker(), provider=provider)
    pipeline.send(anomaly())
    until(pipeline, lambda: len(pipeline.alerts()) == 2)
    alert = pipeline.alerts()[-1]
    assert len(provider.asked) == 2
    assert (alert.explanation.source, alert.explanation.grounded) == ("evidence", False)
    assert alert.explanation.doubtful == "temperature above its usual range: temperature is 12 °C."
    assert "12 °C" not in alert.label + alert.reason + alert.evidence.text
    lines = pipeline.published("bell")[-1].decode().split("\n")
    assert lines[1].startswith("Why: On boiler, temperature is 95.25 °C")
    assert lines[2].startswith("A model says, and the evidence does not bear it out:")
    pipeline.service.stop()


def test_an_alert_says_what_it_resembles(tmp_path: Path) -> None:
    """Earlier incidents of the device, with what people said and noted, stand in the evidence and on the bell."""
    pipeline = Pipeline(tmp_path, MemoryBroker())
    pipeline.send(anomaly(incident="old"))
    pipeline.step(3)
    pipeline.say(anomaly(incident="old").incident.id, "confirmed", note="bearing\x1b[31m replaced")
    pipeline.step(3)
    pipeline.send(msgspec.structs.replace(anomaly(incident="new"), incident=later(anomaly(incident="new"))))
    until(pipeline, lambda: len(pipeline.published("bell")) == 2)
    alert = pipeline.alerts()[-1]
    (earlier,) = alert.evidence.earlier
    assert (earlier.label, earlier.verdict, earlier.note) == (
        "temperature has shifted up",
        "confirmed",
        "bearing [31m replaced",
    )
    words = (
        'It resembles an earlier incident: temperature has shifted up, 2026-11-22 (confirmed, "bearing [31m replaced").'
    )
    assert alert.evidence.text.endswith(words)
    assert pipeline.published("bell")[-1].decode().split("\n")[2] == words
    pipeline.service.stop()


def later(raised: Any) -> Any:
    """Return the incident of an anomaly, opened an hour later."""
    opened = raised.incident.opened_at.replace(hour=raised.incident.opened_at.hour + 1)
    return msgspec.structs.replace(raised.incident, opened_at=opened)
