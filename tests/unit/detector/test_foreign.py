"""Devices that speak their own languages, as the detector hears them."""

from __future__ import annotations

import base64
import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from contracts.codec import decode
from contracts.service import ServiceStatus
from detector.bootstrap import assemble, foreign_desk, subscriptions
from detector.foreign.board import NoticeBoard
from detector.settings import DetectorSettings
from devices.semantics.memory import Notice
from tests.unit.detector.rig import TOPICS, InlineFits, Rig

if TYPE_CHECKING:
    from pathlib import Path

    from detector.service import DetectorService
    from runtime.memory_bus import MemoryBus

PROFILES = """
mqtt: {subscribe: ["zigbee2mqtt/#", "plant/#", "spBv1.0/#", "tele/#"]}
join: 500ms
offline_grace: 0s
"""


@dataclass
class ForeignRig(Rig):
    """A detector with a profile file."""

    profiles: str = PROFILES

    @property
    def file(self) -> Path:
        """Where the profiles are."""
        return self.directory / "profiles.yaml"

    def _made(self) -> tuple[DetectorService, MemoryBus]:
        if not self.file.exists():
            self.file.write_text(self.profiles, encoding="utf-8")
        settings = DetectorSettings(
            state_dir=self.directory, warm_up=self.warm_up, update_every_s=0, profiles=self.file
        )
        desk = foreign_desk(settings)
        bus = self.broker.client("detector", subscriptions(TOPICS) + desk.filters)
        return assemble(settings, bus, InlineFits(), desk), bus

    def say(self, topic: str, payload: object) -> None:
        """Publish as a device would, JSON unless it is text."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self.broker.publish(topic, text.encode())

    def readings_of(self, device: str) -> int:
        """Count what the detector has taken in of a device."""
        fleet = self.service._fleet
        return fleet[device].readings if device in fleet else 0

    def kinds(self) -> list[tuple[str, str, str]]:
        """List (device, kind, phase) of what was raised."""
        return [(one.device, one.kind, one.incident.phase) for one in self.anomalies()]


def test_a_foreign_device_is_learned_like_any_other(tmp_path: Path) -> None:
    """A Zigbee2MQTT message becomes a reading of the device that its topic names."""
    rig = ForeignRig(tmp_path)
    rig.start()
    rig.say("zigbee2mqtt/kitchen", {"temperature": 21.5, "humidity": 40, "state": "ON"})
    rig.drain()
    assert rig.readings_of("kitchen") == 1
    assert rig.service._fleet["kitchen"].detector.metrics == ("temperature", "humidity", "state")


def test_what_the_broker_kept_is_never_scored(tmp_path: Path) -> None:
    """A retained value was measured nobody knows when."""
    rig = ForeignRig(tmp_path)
    rig.broker.retained["zigbee2mqtt/kitchen"] = b'{"temperature": 21.5}'
    rig.start()
    rig.drain()
    assert rig.readings_of("kitchen") == 0
    assert rig.service._intake.foreign.desk.interpreter.counts == {"retained": 1}


def test_values_on_topics_of_their_own_become_one_reading(tmp_path: Path) -> None:
    """The join window closes by itself, and the row is scored once."""
    rig = ForeignRig(tmp_path)
    rig.start()
    rig.say("plant/pump/temperature", "60.5")
    rig.say("plant/pump/flow", "4.8")
    rig.drain()
    assert rig.readings_of("plant/pump") == 0
    for _ in range(20):
        rig.turn()
        if rig.readings_of("plant/pump"):
            break
    assert rig.readings_of("plant/pump") == 1
    assert rig.service._fleet["plant/pump"].detector.metrics == ("temperature", "flow")


def test_a_value_that_waits_for_its_row_survives_a_kill(tmp_path: Path) -> None:
    """It was acknowledged when its buffer was committed; the row is completed after the restart."""
    rig = ForeignRig(tmp_path)
    rig.start()
    rig.say("plant/pump/temperature", "60.5")
    rig.drain()
    rig.kill()
    rig.start()
    for _ in range(20):
        rig.turn()
        if rig.readings_of("plant/pump"):
            break
    assert rig.readings_of("plant/pump") == 1


def test_a_message_that_cannot_be_read_is_a_dead_letter_once(tmp_path: Path) -> None:
    """Its reason says what cures it; the same topic does not say so again at once."""
    rig = ForeignRig(tmp_path)
    rig.start()
    for _ in range(3):
        rig.say("plant/scale/csv", "1.0,2.0,3.0")
    rig.drain()
    rig.turn(2)
    letters = rig.dead_letters()
    assert [(one.reason, one.topic) for one in letters] == [("foreign", "plant/scale/csv")]
    assert "columns" in letters[0].detail


def test_a_device_that_says_goodbye_is_silent_at_once(tmp_path: Path) -> None:
    """Availability beats every learned interval; a reading ends the silence."""
    rig = ForeignRig(tmp_path)
    rig.start()
    rig.say("zigbee2mqtt/kitchen", {"temperature": 21.5})
    rig.say("zigbee2mqtt/kitchen/availability", {"state": "offline"})
    rig.drain()
    rig.turn(2)
    assert rig.kinds() == [("kitchen", "silence", "open")]
    rig.say("zigbee2mqtt/kitchen", {"temperature": 21.6})
    rig.drain()
    assert rig.service._fleet["kitchen"].detector.state != "silent"


def test_a_gateway_that_is_gone_is_one_alert(tmp_path: Path) -> None:
    """Its devices are not called silent beside it, and its return ends the incident."""
    rig = ForeignRig(tmp_path)
    rig.start()
    for room in ("kitchen", "bath", "attic"):
        rig.say(f"zigbee2mqtt/{room}", {"temperature": 21.5})
    rig.say("zigbee2mqtt/bridge/state", {"state": "offline"})
    for room in ("kitchen", "bath", "attic"):
        rig.say(f"zigbee2mqtt/{room}/availability", {"state": "offline"})
    rig.drain()
    rig.turn(3)
    assert rig.kinds() == [("bridge", "silence", "open")]
    assert rig.service._intake.foreign.desk.muted("bath")
    rig.say("zigbee2mqtt/bridge/state", {"state": "online"})
    rig.drain()
    rig.turn(2)
    assert rig.kinds()[1] == ("bridge", "silence", "close")


def test_a_profile_file_that_changes_is_read_again(tmp_path: Path) -> None:
    """New filters are subscribed without a restart; a file that is wrong changes nothing."""
    rig = ForeignRig(tmp_path)
    rig.start()
    rig.turn()
    rig.file.write_text('mqtt: {subscribe: ["mill/#"]}\n', encoding="utf-8")
    os.utime(rig.file, ns=(1, 1))
    rig.service._intake.foreign.desk._profiles.looked_at = 0.0
    rig.turn()
    rig.say("mill/saw", {"current": 3.5})
    rig.drain()
    assert rig.readings_of("mill/saw") == 1
    rig.file.write_text("mqtt: {subscribes: []}\n", encoding="utf-8")
    rig.service._intake.foreign.desk._profiles.looked_at = 0.0
    rig.turn()
    rig.say("mill/saw", {"current": 3.6})
    rig.drain()
    assert rig.readings_of("mill/saw") == 2
    board = rig.service._intake.foreign.desk.board
    assert "did you mean `subscribe`?" in board.newest[-1].words
    rig.file.write_text('mqtt: {subscribe: ["mill/#", "saw/#"]}\n', encoding="utf-8")
    rig.service._intake.foreign.desk._profiles.looked_at = 0.0
    rig.turn()
    assert board.newest == ()


def test_what_was_taught_and_who_was_gone_outlasts_a_change_of_the_file(tmp_path: Path) -> None:
    """Discovery said once is known under the new profiles, too; so is a gateway's goodbye."""
    rig = ForeignRig(tmp_path, profiles='mqtt: {subscribe: ["ha/#", "zigbee2mqtt/#"]}\njoin: 1ms\n')
    rig.start()
    config = {
        "state_topic": "ha/x/state",
        "unit_of_measurement": "°C",
        "device": {"identifiers": ["b"], "name": "Boiler"},
    }
    rig.say("ha/sensor/boiler/config", {**config, "name": "Flow"})
    rig.say("zigbee2mqtt/bridge/state", {"state": "offline"})
    rig.drain()
    rig.file.write_text('mqtt: {subscribe: ["ha/#", "zigbee2mqtt/#", "mill/#"]}\njoin: 1ms\n', encoding="utf-8")
    desk = rig.service._intake.foreign.desk
    desk._profiles.looked_at = 0.0
    rig.turn()
    rig.say("ha/x/state", "60.5")
    rig.drain()
    rig.turn(3)
    assert rig.readings_of("Boiler") == 1
    assert desk.presence.muted_by("lamp", "zigbee2mqtt", "zigbee2mqtt/lamp") == "bridge"
    assert not desk.must_hear_again
    rig.file.write_text('mqtt: {subscribe: ["ha/#"], strip_prefix: ["site1/"]}\n', encoding="utf-8")
    desk._profiles.looked_at = 0.0
    rig.turn()
    assert desk.must_hear_again


def test_the_same_message_twice_is_one_reading(tmp_path: Path) -> None:
    """With the device's own time, an equal message is a redelivery."""
    rig = ForeignRig(tmp_path)
    rig.start()
    for _ in range(2):
        rig.say("zigbee2mqtt/kitchen", {"temperature": 21.5, "last_seen": "2026-01-01T00:00:00Z"})
    rig.drain()
    assert rig.readings_of("kitchen") == 1
    assert rig.service._intake.counters["duplicates"] == 1


def test_a_profile_file_may_appear_later(tmp_path: Path) -> None:
    """Without a setting it lies in the state directory, and is read as soon as it is there."""
    rig = Rig(tmp_path)
    rig.start()
    rig.turn()
    (tmp_path / "profiles.yaml").write_text('mqtt: {subscribe: ["mill/#"]}\n', encoding="utf-8")
    rig.service._intake.foreign.desk._profiles.looked_at = 0.0
    rig.turn()
    rig.broker.publish("mill/saw", b'{"current": 3.5}')
    rig.drain()
    assert rig.service._fleet["mill/saw"].readings == 1


def test_births_are_remembered_over_a_restart(tmp_path: Path) -> None:
    """Sparkplug data by alias are read after a kill, although the birth does not come again."""
    born = base64.b64decode("CIDQ6ra3MxIRCgVTcGVlZBAKIAJQ2P///w8YAQ==")
    data = base64.b64decode("COjX6ra3MxIKEAogAlDX////DxgC")
    rig = ForeignRig(tmp_path)
    rig.start()
    rig.broker.publish("spBv1.0/Line/DBIRTH/Edge/Mixer", born)
    rig.drain()
    rig.kill()
    rig.start()
    rig.broker.publish("spBv1.0/Line/DDATA/Edge/Mixer", data)
    rig.drain()
    assert rig.readings_of("Line/Edge/Mixer") == 2  # that of the birth is seen again
    assert rig.service._fleet["Line/Edge/Mixer"].detector.metrics == ("Speed",)


def test_a_gateway_that_returned_meanwhile_is_no_longer_silent(tmp_path: Path) -> None:
    """The broker keeps what it said while the detector was away."""
    rig = ForeignRig(tmp_path)
    rig.start()
    rig.say("zigbee2mqtt/bath", {"temperature": 21.5})
    rig.say("zigbee2mqtt/bridge/state", {"state": "offline"})
    rig.drain()
    rig.turn(2)
    rig.kill()
    rig.broker.retained["zigbee2mqtt/bridge/state"] = b'{"state": "online"}'
    rig.start()
    rig.drain()
    rig.turn(2)
    assert len(rig.raised()) == 2
    assert rig.kinds()[-1] == ("bridge", "silence", "close")


def learned(rig: ForeignRig, device: str, **more: object) -> None:
    """Let a Zigbee2MQTT device be learned; a function makes what it sends beside two values."""
    random = Random(3)  # noqa: S311
    for _ in range(rig.warm_up + 100):
        values = {"temperature": random.gauss(20, 1), "humidity": random.gauss(40, 1)}
        rig.say(f"zigbee2mqtt/{device}", values | more)
    rig.drain()
    rig.turn(2)
    assert rig.service._fleet[device].detector.model is not None


def own_time(seconds: float = 0.0) -> str:
    """Write the time at which something is sent, so many seconds off."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_a_clock_that_goes_wrong_is_an_incident_of_a_learned_device(tmp_path: Path) -> None:
    """Its times are corrected, and it is told once; the same is said in the status and kept over a restart."""
    rig = ForeignRig(tmp_path)
    rig.start()
    learned(rig, "kitchen")
    for _ in range(8):
        rig.say("zigbee2mqtt/kitchen", {"temperature": 20.0, "humidity": 40.0, "last_seen": own_time(1500)})
    rig.drain()
    rig.turn(2)
    assert [kind for kind in rig.kinds() if kind[1] == "clock"] == [("kitchen", "clock", "open")]
    rig.kill()
    rig.start()
    rig.turn(2)
    [said] = [one for one in status_of(rig).notices if one.reason == "clock"]
    assert said.device == "kitchen"
    assert "1500 s ahead" in said.words


def test_a_clock_that_was_always_wrong_is_only_noticed(tmp_path: Path) -> None:
    """Nothing has changed at a device that is not learned yet."""
    rig = ForeignRig(tmp_path)
    rig.start()
    for _ in range(8):
        rig.say("zigbee2mqtt/kitchen", {"temperature": 20.0, "last_seen": own_time(1500)})
    rig.drain()
    rig.turn(2)
    assert rig.kinds() == []
    assert [one.reason for one in status_of(rig).notices] == ["clock"]


def test_another_quantity_is_a_change_of_schema(tmp_path: Path) -> None:
    """A unit that cannot be brought into the usual one reaches the detector, which tells it."""
    rig = ForeignRig(tmp_path)
    rig.start()
    for number in range(rig.warm_up + 2):
        unit = "V" if number > rig.warm_up else "C"
        rig.say("tele/a/SENSOR", {"X": {"Temperature": 20.0 + number % 7, "Humidity": number % 5}, "TempUnit": unit})
        rig.drain()
        rig.turn()
    assert rig.kinds() == [("a", "schema", "open")]


def test_a_new_metric_is_an_incident_and_a_notice(tmp_path: Path) -> None:
    """A change of firmware is told of the device, and the status names the metric."""
    rig = ForeignRig(tmp_path)
    rig.start()
    learned(rig, "kitchen")
    rig.say("zigbee2mqtt/kitchen", {"temperature": 20.0, "humidity": 40.0, "pressure": 1013})
    rig.drain()
    rig.turn(2)
    assert rig.kinds() == [("kitchen", "schema", "open")]
    assert [one.words for one in status_of(rig).notices] == ["a new metric: 'pressure'"]


def test_readings_out_of_order_are_judged_in_order_and_survive_a_kill(tmp_path: Path) -> None:
    """What waits was acknowledged when it was committed; it is judged after the restart, in order of time."""
    rig = ForeignRig(tmp_path)
    rig.start()
    rig.service._intake.foreign.desk.interpreter._hold = 3600.0  # however slow the machine is
    for seconds in (-40, -38, -39, -36, -37, -35):
        rig.say("zigbee2mqtt/kitchen", {"temperature": 20.0 - seconds, "last_seen": own_time(seconds)})
    rig.drain()
    assert rig.readings_of("kitchen") == 3
    rig.kill()
    desk = rig.service._intake.foreign.desk
    rig.start()
    desk.interpreter._hold = 0.0  # instead of waiting for the time to be over
    rig.turn()
    assert rig.readings_of("kitchen") == 6
    assert rig.service._intake.counters["late"] == 0


def test_history_is_kept_and_not_judged(tmp_path: Path) -> None:
    """A value that is much older than what is known is in the log of readings, and no model sees it."""
    rig = ForeignRig(tmp_path)
    rig.start()
    for seconds in (-10, -100, -5):
        rig.say("zigbee2mqtt/kitchen", {"temperature": 20.0, "last_seen": own_time(seconds)})
    rig.drain()
    assert rig.readings_of("kitchen") == 3
    assert rig.service._intake.counters["late"] == 1
    assert rig.service._fleet["kitchen"].detector._stream.position == 2


@pytest.mark.parametrize(("overrides", "silent"), [("", True), ("overrides: {'kitch*': {silent_after: 3h}}\n", False)])
def test_a_profile_file_rules_over_the_learned_interval(tmp_path: Path, overrides: str, silent: bool) -> None:  # noqa: FBT001
    """A device that is learned to speak often may be silent for as long as the file says, and no longer."""
    rig = ForeignRig(tmp_path)
    if overrides:
        rig.file.write_text(PROFILES + overrides, encoding="utf-8")
        rig.kill()
    rig.start()
    learned(rig, "kitchen")
    heard = rig.service._intake.foreign.desk.interpreter.memories.by_device["kitchen"].heard_at
    look(rig, heard + 3600)
    assert (("kitchen", "silence", "open") in rig.kinds()) is silent
    look(rig, heard + 4 * 3600)
    assert set(rig.kinds()) == {("kitchen", "silence", "open")}


def test_nobody_is_silent_while_the_detector_is_away(tmp_path: Path) -> None:
    """After a restart, `silent_after` counts from when the detector listens again."""
    rig = ForeignRig(tmp_path, profiles=PROFILES + "overrides: {kitchen: {silent_after: 1h}}\n")
    rig.start()
    rig.say("zigbee2mqtt/kitchen", {"temperature": 21.5})
    rig.drain()
    rig.kill()
    rig.start()
    later = time.time() + 86_400
    look(rig, later)
    assert rig.kinds() == []
    look(rig, later + 3601)
    assert set(rig.kinds()) == {("kitchen", "silence", "open")}


def look(rig: ForeignRig, now: float) -> None:
    """Let the detector look at its clock, which shows `now`."""
    with rig.service._state.transaction():
        rig.service._look_at_clock(now)
        owed = rig.service._settle(now)
    rig.service._outgoing.send(owed)


def status_of(rig: ForeignRig) -> ServiceStatus:
    """Read the newest status that the detector published."""
    rig.service._said_at = 0.0
    rig.turn()
    return decode(rig.broker.retained[TOPICS.service("detector", "1")], ServiceStatus)


def test_notices_are_few_whatever_comes() -> None:
    """A hundred strangers do not push out what else was noticed, and an equal notice is not there twice."""
    board, at = NoticeBoard(), datetime(2026, 1, 1, tzinfo=UTC)
    board.pin([Notice("pump", "clock", "wrong")], at)
    for number in range(100):
        board.pin([Notice(f"radio-{number}", "too_many_devices", "left out" * 100)], at)
    board.pin([Notice("pump", "clock", "wrong")], at)
    assert [one.device for one in board.newest] == [*(f"radio-{number}" for number in range(92, 100)), "pump"]
    assert max(len(one.words) for one in board.newest) <= 300
