"""A model's life: fitted, fitted again on demand, rolled back, refused when damaged; each order once and answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from contracts.codec import decode, encode
from contracts.service import Answer, Command, DeviceStatus, Feedback
from detector.models.model_files import load_model, save_model
from tests.unit.detector.rig import START, TOPICS, InlineFits, Rig, readings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from detector.models.fit import FittedModel

TOPIC = TOPICS.readings("pump")
FAULTS = tuple(range(100, 140))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A detector that has learned a device and seen a fault of 40 readings."""
    made = Rig(tmp_path)
    made.start()
    feed(made, 0, 200)
    yield made
    made.service.stop()


def feed(rig: Rig, first: int, until: int) -> None:
    for payload in readings(until, FAULTS)[first:]:
        rig.broker.publish(TOPIC, payload)
    rig.drain()


def order(rig: Rig, name: str, key: str = "one", device: str | None = "pump", **arguments: Any) -> Answer:
    command = Command(id=key, name=name, device=device, arguments=arguments or None)
    rig.broker.publish(TOPICS.commands("detector"), encode(command))
    rig.drain()
    rig.turn(2)
    return [answer for answer in answers(rig) if answer.id == key][-1]


def answers(rig: Rig) -> list[Answer]:
    topic = TOPICS.answers("detector", "1")
    return [decode(payload, Answer) for name, payload in rig.broker.published if name == topic]


def status(rig: Rig) -> DeviceStatus:
    return decode(rig.broker.retained[TOPICS.device("pump")], DeviceStatus)


def version(rig: Rig) -> int:
    model = status(rig).model
    return 0 if model is None else model.version


def listed(answer: Answer) -> list[dict[str, Any]]:
    assert answer.ok, answer.error
    assert answer.result is not None
    return list(answer.result["versions"])


def fitted(rig: Rig) -> FittedModel:
    return rig.service._fleet._stock.shelf.load("pump", version(rig))


def test_the_versions_of_a_model_are_listed(rig: Rig) -> None:
    """When, on how many rows, by which backend, why, and which one judges."""
    versions = listed(order(rig, "models"))
    assert [one["version"] for one in versions] == sorted((one["version"] for one in versions), reverse=True)
    assert versions[0]["active"]
    assert versions[0]["intact"]
    assert versions[0]["backend"] == "isolation_forest"
    assert {one["reason"] for one in versions} <= {"first", "grown"}


def test_a_retrained_device_has_a_new_version(rig: Rig) -> None:
    """The answer comes when the fit is over and names the new version, which judges from then on."""
    before = version(rig)
    answer = order(rig, "retrain")
    assert listed(answer)[0]["reason"] == "ordered"
    assert version(rig) == before + 1


def test_a_rollback_survives_a_kill_and_stays_until_a_retrain(rig: Rig) -> None:
    """The earlier version judges, through a restart and though more is learned; a retrain makes another one."""
    newest = version(rig)
    assert newest > 1
    order(rig, "rollback")
    assert version(rig) == newest - 1
    rig.kill()
    rig.start()
    feed(rig, 200, 700)
    assert version(rig) == newest - 1
    assert order(rig, "models", "two").result is not None
    assert listed(order(rig, "retrain", "three"))[0]["version"] == newest + 1
    assert version(rig) == newest + 1


def test_an_order_that_comes_twice_is_carried_out_once(rig: Rig) -> None:
    """A redelivered rollback goes back by one version, and is answered again."""
    feed(rig, 200, 500)
    newest = version(rig)
    first, second = order(rig, "rollback"), order(rig, "rollback")
    assert version(rig) == newest - 1
    assert first == second
    assert len(answers(rig)) == 2


@pytest.mark.parametrize(
    ("name", "device", "arguments", "says"),
    [
        ("dance", "pump", {}, "unknown command 'dance'"),
        ("retrain", "nobody", {}, "no device 'nobody'; known: pump"),
        ("retrain", None, {}, "no device None"),
        ("retrain", "pump", {"since": "soon"}, "since = 'soon'"),
        ("retrain", "pump", {"since": "2036-01-01T00:00:00Z"}, "0 rows"),
        ("rollback", "pump", {"version": 99}, "no version 99; kept:"),
        ("rollback", "pump", {"version": "last"}, "version = 'last'"),
        ("adopt", "pump", {}, "no trained model"),
    ],
)
def test_what_cannot_be_done_is_answered(
    rig: Rig, name: str, device: str | None, arguments: dict[str, Any], says: str
) -> None:
    """The answer says what is wrong, and nothing has changed."""
    before = version(rig)
    answer = order(rig, name, device=device, **arguments)
    assert not answer.ok
    assert says in str(answer.error)
    assert version(rig) == before


def test_a_damaged_model_is_refused_and_the_last_good_one_judges(rig: Rig) -> None:
    """After a restart the version before the damaged one judges; the list shows which file is not what was saved."""
    newest = version(rig)
    path = rig.service._fleet._stock.shelf.path("pump", newest)
    rig.kill()
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    rig.start()
    rig.turn()
    assert version(rig) == newest - 1
    intact = {one["version"]: one["intact"] for one in listed(order(rig, "models"))}
    assert (intact[newest], intact[newest - 1]) == (False, True)
    with pytest.raises(AssertionError, match="SHA-256"):
        listed(order(rig, "rollback", "two", version=newest))


def test_a_device_whose_models_are_all_of_another_version_learns_anew(rig: Rig) -> None:
    """After an upgrade that cannot read any saved model the device is learned anew, and warms up again."""
    newest = version(rig)
    for number in range(1, newest + 1):
        manifest = rig.service._fleet._stock.shelf.path("pump", number).with_suffix(".json")
        manifest.write_text(manifest.read_text().replace('"format": 3', '"format": 2'))
    rig.kill()
    rig.start()
    assert rig.service._fleet["pump"].detector.model is None
    feed(rig, 200, 300)
    assert rig.service._fleet["pump"].detector.model is not None


def test_the_rows_of_an_incident_are_not_in_an_ordered_fit(rig: Rig) -> None:
    """Neither by default nor with `since`, whatever the time span holds, unless people pardoned the incident."""
    order(rig, "retrain", "a")
    assert _hottest(fitted(rig)) < 80
    order(rig, "retrain", "b", since=(START + timedelta(seconds=40)).isoformat())
    since = fitted(rig)
    assert _hottest(since) < 80
    assert 60 < len(since.rows) < 160
    incident = rig.anomalies()[0].incident.id
    said = Feedback(incident=incident, verdict="false_positive", at=datetime.now(UTC))
    rig.broker.publish(TOPICS.feedback(incident), encode(said))
    order(rig, "retrain", "c")
    assert _hottest(fitted(rig)) > 100


def _hottest(model: FittedModel) -> float:
    return float(np.nanmax(model.rows[:, model.columns.index("temperature")]))


def test_an_order_that_a_kill_interrupts_is_carried_out_after_the_restart(tmp_path: Path) -> None:
    """The operator is answered, though the detector died while the model was fitted."""
    rig = Rig(tmp_path)
    rig.start()
    feed(rig, 0, 100)
    before = version(rig)
    command = Command(id="one", name="retrain", device="pump")
    rig.broker.publish(TOPICS.commands("detector"), encode(command))
    rig.service._fits.finished = list  # type: ignore[method-assign] # the fit takes long
    rig.drain()
    assert status(rig).state == "retraining"
    assert answers(rig) == []
    rig.kill()
    rig.start()
    rig.turn(3)
    assert [answer.ok for answer in answers(rig)] == [True]
    assert (version(rig), status(rig).state) == (before + 1, "ready")
    rig.service.stop()


def test_a_rollback_gives_up_the_fit_that_is_on_its_way(rig: Rig) -> None:
    """The model that a person chose is not replaced by one that was ordered before."""
    newest = version(rig)
    fits = rig.service._fits
    assert isinstance(fits, InlineFits)
    fits.finished = list  # type: ignore[method-assign] # the fit takes long
    rig.broker.publish(TOPICS.commands("detector"), encode(Command(id="fit", name="retrain", device="pump")))
    rig.drain()
    order(rig, "rollback", "back")
    del fits.finished
    rig.turn(3)
    assert {answer.id: answer.ok for answer in answers(rig)} == {"fit": False, "back": True}
    assert version(rig) == newest - 1


def test_old_versions_go_but_not_the_one_in_use(rig: Rig) -> None:
    """Three versions are kept, and beyond them the one that a person chose."""
    for number in range(5):
        order(rig, "retrain", f"r{number}")
    versions = [one["version"] for one in listed(order(rig, "models"))]
    assert len(versions) == 3
    order(rig, "rollback", "back", version=versions[-1])
    assert version(rig) == versions[-1]
    assert len(list((rig.directory / "models").glob("*.joblib"))) == 3


def test_a_model_is_fitted_anew_when_its_interval_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `retrain_interval_hours` a device gets a new version in time, not before, and not during an incident."""
    rig = Rig(tmp_path, settings={"retrain_interval_hours": 1.0})
    rig.start()
    feed(rig, 0, 110)  # ends within the fault
    before = version(rig)
    later = datetime.now(UTC).timestamp() + 3700
    monkeypatch.setattr("detector.refits.refits.time.time", lambda: later)
    feed(rig, 110, 120)
    assert version(rig) == before
    feed(rig, 120, 200)
    assert version(rig) == before + 1
    assert listed(order(rig, "models"))[0]["reason"] == "interval"
    rig.service.stop()


def test_a_trained_model_is_adopted_by_a_device_that_has_one(rig: Rig) -> None:
    """`adopt` takes the model that `tocsin train` left, as the next version."""
    before = version(rig)
    trained = rig.directory / "trained"
    trained.mkdir()
    save_model(load_model(rig.service._fleet._stock.shelf.path("pump", 1)), trained / "pump.joblib")
    assert listed(order(rig, "adopt"))[0]["reason"] == "trained"
    assert version(rig) == before + 1
