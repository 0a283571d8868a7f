from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from contracts.anomaly import Model
from contracts.service import Answer, DeviceStatus, ServiceStatus
from tests.unit.storage.alert_records import record
from tests.web_site import NOW, score_of
from web.plant import Plant


def status(device: str = "press", state: str = "ready", version: int | None = None) -> DeviceStatus:
    model = None if version is None else Model(backend="isolation_forest", version=version, scope=device)
    return DeviceStatus(device=device, state=state, since=NOW, readings=1, model=model)  # type: ignore[arg-type]


def service(readings: float, seconds: float, state: str = "online") -> ServiceStatus:
    at = NOW + timedelta(seconds=seconds)
    return ServiceStatus(
        service="detector",
        instance="1",
        state=state,  # type: ignore[arg-type]
        at=at,
        counters={"readings": readings, "llm_calls.answered": 2},
    )


def test_devices_are_counted_by_state() -> None:
    """The overview's numbers are those of the detector's words."""
    plant = Plant(100)
    for name, state in (("a", "ready"), ("b", "anomalous"), ("c", "ready")):
        plant.take_status(status(name, state))
    assert plant.counts()["ready"] == 2
    assert plant.counts()["anomalous"] == 1


def test_progress_is_told_apart_from_a_new_state() -> None:
    """Only another state, or another incident, is news for every open page."""
    plant = Plant(100)
    assert plant.take_status(status(state="learning"))
    assert not plant.take_status(status(state="learning"))
    assert plant.take_status(status(state="ready"))


def test_readings_a_second_follow_from_the_detectors_counter() -> None:
    """The rate is what was counted between two words; a restarted counter gives none."""
    plant = Plant(100)
    plant.take_service(service(100, 0))
    assert plant.readings_per_s() is None
    plant.take_service(service(150, 5))
    assert plant.readings_per_s() == pytest.approx(10.0)
    plant.take_service(service(3, 6))
    assert plant.readings_per_s() == pytest.approx(10.0)
    plant.take_service(service(0, 7, "offline"))
    assert plant.readings_per_s() is None


def test_the_small_picture_shows_the_metric_at_fault_until_the_trouble_is_over() -> None:
    """A tile of an anomalous device shows what left its band, also when it came back; later the first metric again."""
    plant = Plant(100)
    plant.take_status(status(state="anomalous"))
    plant.take_score(score_of("press", 1, speed=5.0, current=30.0))
    plant.take_score(score_of("press", 2, speed=5.0, current=5.0))
    assert plant.devices["press"].lead == "current"
    plant.take_status(status(state="ready"))
    assert plant.devices["press"].lead == "speed"


def test_the_small_picture_shows_what_the_alert_names_first() -> None:
    """One reading can ring and be gone before the next score: the incident's alert says which metric it was."""
    plant = Plant(100)
    alert = record(device="press").alert
    plant.take_score(score_of("press", 1, speed=30.0, temperature=5.0))
    plant.take_alert(alert)
    plant.take_status(replace(status(state="anomalous"), incident=alert.incident))
    assert plant.devices["press"].lead == "temperature"
    plant.take_status(replace(status(state="anomalous"), incident="f" * 32))
    assert plant.devices["press"].lead == "speed"


def test_model_versions_are_remembered_in_their_order() -> None:
    """A version that comes again after a rollback stands at the end."""
    plant = Plant(100)
    for version in (1, 1, 2, 1):
        plant.take_status(status(version=version))
    assert [seen.model.version for seen in plant.devices["press"].models] == [1, 2, 1]


def test_answers_are_bounded() -> None:
    """Whatever the services answer, the page's memory does not grow without end."""
    plant = Plant(100)
    for number in range(2000):
        plant.take_answer(Answer(id=str(number), ok=True))
    assert len(plant.answers) <= 500
    assert "1999" in plant.answers


def test_labelled_counters_are_summed_by_label() -> None:
    """Calls of the language model are told apart by how they ended."""
    plant = Plant(100)
    plant.take_service(service(1, 0))
    assert plant.counters("detector", "llm_calls") == {"answered": 2}
