"""Devices of a class share the algorithm, keep their own scales, and share it again after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from contracts.codec import decode, encode
from contracts.reading import Reading
from contracts.service import DeviceStatus
from detector.models.fit import FitJob, run_fit
from detector.settings import DetectorSettings
from detector.stock.model_classes import ModelClasses
from detector.stock.model_shelf import ModelShelf
from runtime.settings import SettingsError, load_settings
from tests.unit.detector.rig import TOPICS, Rig, readings

if TYPE_CHECKING:
    from pathlib import Path

DEVICES = ("pump-1", "pump-2", "mill-1")


def feed(rig: Rig, first: int, until: int, faults: tuple[int, ...] = ()) -> None:
    """Publish readings of three devices; the second pump works at ten times the values of the first."""
    for number in range(first, until):
        for device in DEVICES:
            reading = decode(readings(until, faults)[number], Reading)
            factor = 10.0 if device == "pump-2" else 1.0
            values: dict[str, float | None] = {name: factor * (value or 0.0) for name, value in reading.values.items()}
            wire = Reading(
                device=device, values=values, measured_at=reading.measured_at, seq=number, clock="replay", run="r"
            )
            rig.broker.publish(TOPICS.readings(device), encode(wire))
    rig.drain()
    rig.turn(3)


def judges(rig: Rig) -> list[object]:
    scorers = [rig.service._fleet[device].detector._scorer for device in DEVICES]
    return [None if scorer is None else scorer.model.judge for scorer in scorers]


def test_devices_of_a_class_hold_one_algorithm_and_find_their_own_faults(tmp_path: Path) -> None:
    """Also after a restart; a device of another class has its own."""
    rig = Rig(tmp_path, settings={"share_models_by": "^([a-z]+)-"})
    rig.start()
    feed(rig, 0, 60)
    first, second, other = judges(rig)
    assert first is second
    assert first is not other
    assert len(list((tmp_path / "models").glob("shared-*.joblib"))) == 1 + 1
    rig.kill()
    rig.start()
    first, second, other = judges(rig)
    assert first is not None
    assert first is second
    assert first is not other
    feed(rig, 60, 110, faults=(100, 101, 102))
    opened = {anomaly.device for anomaly in rig.anomalies() if anomaly.incident.phase == "open"}
    assert opened == set(DEVICES)
    model = decode(rig.broker.retained[TOPICS.device("pump-2")], DeviceStatus).model
    assert model is not None
    assert model.scope == "pump"
    rig.service.stop()


def test_the_algorithm_of_a_class_is_fitted_anew_as_a_model_of_one_device_would_be(tmp_path: Path) -> None:
    """By the first device that has learned twice as much; the others take it, and nothing is lost in a restart."""
    rig = Rig(tmp_path, settings={"share_models_by": "^([a-z]+)-"})
    rig.start()
    feed(rig, 0, 60)
    before, _, _ = judges(rig)
    feed(rig, 60, 120)
    first, second, other = judges(rig)
    assert first is not before
    assert first is second
    assert first is not other
    assert len(list((tmp_path / "models").glob("shared-*.joblib"))) == 2 * 2
    rig.kill()
    rig.start()
    first, second, _ = judges(rig)
    assert first is second
    feed(rig, 120, 200)
    renewed, taken, _ = judges(rig)
    assert renewed is not first
    assert renewed is taken
    rig.service.stop()


def test_algorithms_that_no_model_has_any_more_are_deleted(tmp_path: Path) -> None:
    """Of devices with one kept version each only the algorithms in use stay, and the devices judge by them."""
    models = tmp_path / "models"
    rig = Rig(tmp_path, settings={"share_models_by": "^([a-z]+)-", "keep_models": 1})
    rig.start()
    feed(rig, 0, 130)
    rig.kill()
    assert len(list(models.glob("shared-*.joblib"))) > 2
    ModelShelf(models, tmp_path / "trained").sweep(few=2)
    assert len(list(models.glob("shared-*"))) == 2 * 2  # of pumps and of mills, each with its manifest
    rig.start()
    first, second, other = judges(rig)
    assert first is not None
    assert other is not None
    assert first is second
    rig.service.stop()


def test_only_one_device_of_a_class_fits_the_algorithm() -> None:
    """While one fits it, those that would have to wait for it do, until it is there or has failed."""
    classes = ModelClasses("metrics")
    first, second = a_job("pump-1", learned=50), a_job("pump-2", learned=50)
    assert not classes.must_wait(first, 0.0)
    assert classes.lend(first, 0.0).judge is None
    assert classes.must_wait(second, 0.0)
    assert not classes.must_wait(first, 0.0)
    classes.give_up("pump-1")
    assert not classes.must_wait(second, 0.0)
    model = classes.fitted(run_fit(classes.lend(second, 0.0)), 0.0)
    assert model.shared_by == "metrics"
    assert classes.lend(first, 1.0).judge is not None
    assert classes.lend(a_job("pump-3", learned=99), 1.0).judge is not None
    assert classes.lend(a_job("pump-3", learned=100), 1.0).judge is None
    assert classes.must_wait(a_job("pump-1", learned=100), 1.0)
    assert not classes.must_wait(first, 1.0)


def test_the_algorithm_of_a_class_is_fitted_anew_on_order_and_by_interval() -> None:
    """Though it stands on as many rows."""
    classes = ModelClasses("metrics", every=3600.0)
    job = a_job("pump-1", learned=50)
    classes.fitted(run_fit(classes.lend(job, 0.0)), 0.0)
    assert classes.lend(job, 3599.0).judge is not None
    assert classes.lend(job, 3599.0, anew=True).judge is None
    assert classes.lend(job, 3600.0).judge is None


def a_job(device: str, learned: int) -> FitJob:
    rows = np.random.default_rng(1).normal(size=(60, 2))
    return FitJob(device, 1, "zscore", ("a", "b"), rows, np.arange(60), 60, 10, 32, learned, 60)


def test_a_damaged_algorithm_is_refused_for_all_who_share_it(tmp_path: Path) -> None:
    """They learn anew rather than judge by something else."""
    rig = Rig(tmp_path, settings={"share_models_by": "metrics"})
    rig.start()
    feed(rig, 0, 50)
    (shared,) = (tmp_path / "models").glob("shared-*.joblib")
    rig.kill()
    shared.write_bytes(b"?")
    rig.start()
    assert judges(rig) == [None, None, None]
    rig.service.stop()


def test_classes_of_devices() -> None:
    """By a group of the pattern, by the whole match, by metrics alone, or not at all."""
    assert [ModelClasses("^([a-z]+)-").of(name) for name in ("pump-1", "pump-22", "7")] == ["pump", "pump", None]
    assert ModelClasses("^pump").of("pump-1") == "pump"
    assert ModelClasses("metrics").of("pump-1") == ModelClasses("metrics").of("mill-1")
    assert ModelClasses("").of("pump-1") is None


def test_a_wrong_pattern_is_named() -> None:
    """In the settings, before anything runs."""
    with pytest.raises(SettingsError, match=r"TOCSIN_SHARE_MODELS_BY = .*regular expression"):
        load_settings(DetectorSettings, share_models_by="(")
