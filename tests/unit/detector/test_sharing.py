"""Devices of a class share the algorithm, keep their own scales, and share it again after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contracts.codec import decode, encode
from contracts.reading import Reading
from contracts.service import DeviceStatus
from detector.settings import DetectorSettings
from detector.stock.model_classes import ModelClasses
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
