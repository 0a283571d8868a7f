"""Programs that publish by themselves, as a distribution ships them: `tocsin discover` knows their devices."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.radio import Radio, telegram
from tests.mqtt_speaker import Speaker
from tests.plant import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.mqtt.connection import BrokerConnection

pytestmark = pytest.mark.broker
PEERS = Path(__file__).with_name("peers")
PATIENCE_S = 90.0
COLLECTD = """
Hostname "pumphouse"
FQDNLookup false
Interval 1
BaseDir "{folder}"
PIDFile "{folder}/pid"
LoadPlugin load
LoadPlugin memory
LoadPlugin mqtt
<Plugin mqtt>
  <Publish "local">
    Host "127.0.0.1"
    Port {port}
    ClientId "{prefix}"
    Prefix "{prefix}"
  </Publish>
</Plugin>
"""


def program(name: str, package: str) -> str:
    """Find a program; without it the test is skipped."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"no {name}: apt install {package}")
    return found


class Discovery:
    """`tocsin discover`, listening; a second listener tells when enough has been said.

    The two hear a message at different moments, so what is waited for is always something later than what is looked at.
    """

    def __init__(self, port: int, topic: str) -> None:
        command = [sys.executable, "-m", "tocsin", "discover", "--json", "--for", "10m", "--topic", topic]
        self._process = subprocess.Popen(
            [*command, "--broker", f"mqtt://127.0.0.1:{port}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stderr is not None
        assert "Listening" in self._process.stderr.readline()
        self.speaker = Speaker(port, None, None)
        self.speaker.subscribe(topic)

    def devices(self) -> dict[str, Any]:
        """End it; return what it found."""
        self._process.send_signal(2)
        output, _ = self._process.communicate(timeout=PATIENCE_S)
        found: dict[str, Any] = json.loads(output)["devices"]
        return found

    def close(self) -> None:
        """End what still runs."""
        self.speaker.close()
        self._process.kill()
        self._process.communicate()


@contextmanager
def discovering(port: int, topic: str) -> Iterator[Discovery]:
    """Listen to a topic filter."""
    discovery = Discovery(port, topic)
    try:
        yield discovery
    finally:
        discovery.close()


@contextmanager
def running(*command: str, **environment: str) -> Iterator[None]:
    """Let a program run meanwhile."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_collectd_is_read(broker: BrokerConnection, prefix: str, tmp_path: Path) -> None:
    """A host is a device; the load's three values have their names."""
    collectd = program("collectd", "collectd-core")
    file = tmp_path / "collectd.conf"
    file.write_text(COLLECTD.format(folder=tmp_path, port=broker.port, prefix=prefix), encoding="utf-8")
    wanted = {f"{prefix}/pumphouse/load/load", f"{prefix}/pumphouse/memory/memory-used"}
    with discovering(broker.port, f"{prefix}/#") as discovery, running(collectd, "-f", "-C", str(file)):
        heard = discovery.speaker.heard
        wait_for(lambda: wanted <= heard.keys(), PATIENCE_S, "load and memory are published")
        first = dict(heard)
        wait_for(lambda: all(heard[topic] != first[topic] for topic in wanted), PATIENCE_S, "... and once more")
        found = discovery.devices()
    assert list(found) == ["pumphouse"]
    assert found["pumphouse"]["format"] == "collectd"
    metrics = {"load.load.shortterm", "load.load.midterm", "load.load.longterm", "memory.memory-used"}
    assert metrics <= found["pumphouse"]["metrics"].keys()


def test_rtl_433_is_read(broker: BrokerConnection, prefix: str) -> None:
    """It decodes a thermometer's radio telegrams; the thermometer is a device, with its units."""
    rtl_433 = program("rtl_433", "rtl-433")
    radio = Radio([telegram(158, 2, celsius, 45) for celsius in (21.5, -3.5)])
    events = f"{prefix}/rtl_433/attic/events"
    output = f"mqtt://127.0.0.1:{broker.port},events={events}"
    source = f"rtl_tcp:127.0.0.1:{radio.port}"
    try:
        with (
            discovering(broker.port, f"{prefix}/#") as discovery,
            running(rtl_433, "-c", "/dev/null", "-d", source, "-R", "19", "-M", "time:utc", "-F", output),
        ):
            heard = discovery.speaker.heard
            for celsius in ("21.5", "-3.5", "21.5"):
                wait_for(lambda: celsius in heard.get(events, ""), PATIENCE_S, f"{celsius} °C is decoded")  # noqa: B023
            found = discovery.devices()
    finally:
        radio.close()
    assert found["Nexus-TH/2/158"]["format"] == "rtl_433"
    metrics = found["Nexus-TH/2/158"]["metrics"]
    assert metrics["temperature_C"] in {21.5, -3.5}
    assert (metrics["humidity"], metrics["battery_ok"]) == (45.0, 1.0)
    assert found["Nexus-TH/2/158"]["units"] == {"temperature_C": "°C", "humidity": "%"}


def test_a_sparkplug_node_is_read(broker: BrokerConnection, prefix: str) -> None:
    """Eclipse Tahu's own client: births teach aliases and units, data are named by them, a death is an absence."""
    node = program("node", "nodejs")
    if not (PEERS / "node_modules" / "sparkplug-client").is_dir():
        pytest.skip("no sparkplug-client: make peers")
    topic = f"spBv1.0/{prefix}"
    with (
        discovering(broker.port, f"{topic}/#") as discovery,
        running(node, str(PEERS / "sparkplug_peer.js"), str(broker.port), prefix),
    ):
        wait_for(lambda: f"{topic}/NDEATH/Edge" in discovery.speaker.heard, PATIENCE_S, "the node says goodbye")
        found = discovery.devices()
    mixer = found[f"{prefix}/Edge/Mixer"]
    assert mixer["metrics"] == {"Speed": -41.0, "Oil/Temperature": 62.0, "On": 1.0}
    assert mixer["units"] == {"Oil/Temperature": "°C"}
    assert mixer["online"] is False
