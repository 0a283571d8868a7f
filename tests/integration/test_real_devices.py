"""Real publishers, a real broker, and the detector as a process: devices are found without a line of configuration."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.codec import decode
from contracts.service import DeviceStatus
from contracts.topics import Topics
from devices.recognizer import Recognizer
from tests.mqtt_speaker import Speaker
from tests.plant import wait_for
from tocsin.broker.local_broker import free_port
from tocsin.command_settings import command_settings

if TYPE_CHECKING:
    from runtime.mqtt.connection import BrokerConnection

pytestmark = pytest.mark.broker
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ENCODER = Path(__file__).resolve().parents[1] / "unit" / "devices" / "sparkplug_encoder.js"
MODULES = Path(__file__).with_name("peers") / "node_modules"
# Its own process: the library makes threads and sockets of its own.
PUBLISHER = """
import sys, time
from ha_mqtt_discoverable import DeviceInfo, Settings
from ha_mqtt_discoverable.sensors import BinarySensor, BinarySensorInfo, Sensor, SensorInfo
mqtt = Settings.MQTT(host="127.0.0.1", port=int(sys.argv[1]), discovery_prefix=sys.argv[2], state_prefix=sys.argv[3])
room = DeviceInfo(name="Pump room", identifiers="pump-room-1")
heat = Sensor(Settings(mqtt=mqtt, entity=SensorInfo(name="Water temperature", device_class="temperature",
              unit_of_measurement="°C", unique_id="t1", device=room)))
wet = BinarySensorInfo(name="Leak", device_class="moisture", unique_id="l1", device=room)
leak = BinarySensor(Settings(mqtt=mqtt, entity=wet))
heat.set_state(21.5)
leak.on()
time.sleep(1)
"""


def test_devices_are_discovered_through_a_real_publisher(broker: BrokerConnection, prefix: str) -> None:
    """ha-mqtt-discoverable announces and publishes; `tocsin discover` names the device, its metrics and units."""
    pytest.importorskip("ha_mqtt_discoverable")
    discovery, states = f"{prefix}/homeassistant", f"{prefix}/hmd"
    listener = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "discover", "--json", "--for", "120s", "--topic", f"{prefix}/#",
         "--broker", f"mqtt://127.0.0.1:{broker.port}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert listener.stderr is not None
    assert "Listening" in listener.stderr.readline()
    heard = Speaker(broker.port, None, None)
    heard.subscribe(f"{prefix}/#")
    subprocess.run([sys.executable, "-c", PUBLISHER, str(broker.port), discovery, states], check=True, timeout=60)
    wait_for(lambda: sum(topic.endswith("/state") for topic in heard.heard) >= 2, 30, "both states are published")
    heard.close()
    listener.send_signal(2)
    output, _ = listener.communicate(timeout=60)
    found: dict[str, Any] = json.loads(output)["devices"]
    assert found["Pump room"]["metrics"] == {"Water temperature": 21.5, "Leak": 1.0}
    assert found["Pump room"]["units"] == {"Water temperature": "°C"}


def test_payloads_of_the_official_sparkplug_encoder_are_read() -> None:
    """Encoded by Eclipse Tahu's own JavaScript; skipped where it is not installed (`make peers`)."""
    node = shutil.which("node")
    if node is None or not (MODULES / "sparkplug-payload").is_dir():
        pytest.skip("no node with sparkplug-payload: make peers")
    metrics = [
        {"name": "Speed", "alias": 7, "type": "Int16", "value": -40},
        {"name": "On", "type": "Boolean", "value": True},
    ]
    reader = Recognizer()
    for kind, named in (("DBIRTH", metrics), ("DDATA", [{"alias": 7, "type": "Int16", "value": -41}])):
        body = json.dumps({"timestamp": 1767225600000, "seq": 1, "metrics": named})
        done = subprocess.run(
            [node, str(ENCODER)],
            input=body, capture_output=True, text=True, check=True, timeout=60,
            env={**os.environ, "NODE_PATH": str(MODULES)},
        )  # fmt: skip
        telegram = reader.read(f"spBv1.0/Line/{kind}/Edge/Mixer", base64.b64decode(done.stdout), NOW)
        values = telegram.readings[0].metrics
        assert values == ({"Speed": -40.0, "On": 1.0} if kind == "DBIRTH" else {"Speed": -41.0})


def test_the_detector_learns_foreign_devices(broker: BrokerConnection, prefix: str, tmp_path: Path) -> None:
    """A profile file names the filters; the devices' states appear among ours."""
    profiles = tmp_path / "profiles.yaml"
    profiles.write_text(f'mqtt: {{subscribe: ["{prefix}-z/#"], strip_prefix: ["{prefix}-z/"]}}\n', encoding="utf-8")
    settings = command_settings(topic_prefix=prefix)
    topics = Topics(settings.topic_prefix)
    environment = {
        **os.environ,
        "TOCSIN_BROKER_HOST": "127.0.0.1",
        "TOCSIN_BROKER_PORT": str(broker.port),
        "TOCSIN_BROKER_PROTOCOL": broker.protocol,
        "TOCSIN_TOPIC_PREFIX": prefix,
        "TOCSIN_STATE_DIR": str(tmp_path / "state"),
        "TOCSIN_PROFILES": str(profiles),
        "TOCSIN_HEALTH_PORT": str(free_port()),
    }
    speaker = Speaker(broker.port, None, None)
    speaker.subscribe(f"{prefix}/#")
    detector = subprocess.Popen([sys.executable, "-m", "detector"], env=environment)
    try:
        wait_for(lambda: topics.service("detector", "1") in speaker.heard, 120, "the detector is online")
        speaker.publish(f"{prefix}-z/zigbee2mqtt/kitchen", '{"temperature": 21.5, "humidity": 40}')
        speaker.publish(f"{prefix}-z/tele/cellar/SENSOR", '{"DS18B20":{"Temperature":20.6},"TempUnit":"C"}')
        wanted = {topics.device(name) for name in ("kitchen", "cellar")}
        wait_for(lambda: wanted <= speaker.heard.keys(), 60, "both devices are known")
        status = decode(speaker.heard[topics.device("kitchen")].encode(), DeviceStatus)
        assert status.metrics == ("temperature", "humidity")
    finally:
        detector.terminate()
        detector.wait(60)
        speaker.close()
