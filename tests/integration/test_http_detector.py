"""The HTTP face of a running detector."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest

from contracts.codec import encode
from contracts.reading import Reading
from contracts.topics import Topics
from runtime.mqtt.bus import MqttBus
from tests.plant import Plant, wait_for
from tocsin.broker.local_broker import free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.slow]
DEVICE = "mill no 2"
TOPICS = Topics()
WARM_UP, ROWS = 60, 90


def publish(plant: Plant) -> None:
    """Send a machine's normal course with one gross reading at its end."""
    bus = MqttBus(plant.connection, client_id="mill", lasting=False)
    bus.start()
    assert bus.wait_connected(30)
    draw, begin = np.random.default_rng(1), datetime.now(UTC) - timedelta(hours=1)
    for number in range(ROWS):
        values = {"flow": float(draw.normal(20, 1)), "heat": 500.0 if number == ROWS - 1 else float(draw.normal(60, 2))}
        reading = Reading(device=DEVICE, values=dict(values), measured_at=begin + timedelta(seconds=number), seq=number)
        bus.publish(TOPICS.readings(DEVICE), encode(reading)).wait(30)
        if number == WARM_UP:
            wait_for(lambda: plant.taken() > WARM_UP, 60, "the detector has the warm-up")
    bus.stop()


def ask(port: int, path: str) -> Any:
    """Ask the face; None while it does not answer."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/v1/devices{path}", timeout=10)
    except httpx.HTTPError:
        return None
    return answer.json() if answer.status_code == 200 else None


def test_readings_that_came_over_mqtt_are_shown_also_after_a_kill(tmp_path: Path) -> None:
    """What the detector took in is served with its alarms; a killed detector serves it again on the same port."""
    port = free_port()
    settings = {"TOCSIN_HTTP_PORTS": str(port), "TOCSIN_WARM_UP": str(WARM_UP)}
    with Plant(tmp_path, **settings) as plant:
        publish(plant)
        path = f"/{DEVICE.replace(' ', '%20')}/readings"
        wait_for(lambda: (ask(port, path) or {"rows": 0})["rows"] == ROWS, 120, "all readings are shown")
        shown = ask(port, path)
        assert shown["alarm"][-1]
        assert shown["values"]["heat"][-1] == 500.0
        plant.kill("detector")
        wait_for(lambda: plant.ready("detector"), 60, "the detector is ready")
        wait_for(lambda: ask(port, path) == shown, 120, "the same readings are shown again")
        assert ask(port, "")["data"][0]["device"] == DEVICE
