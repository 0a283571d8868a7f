"""The site in containers, as `make up` starts it."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from contracts.alert import Alert
from contracts.codec import decode
from tests.mqtt_speaker import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Site

SERVICES = ("mosquitto", "producer", "detector", "explainer", "web")


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until a condition holds, or until the time is over."""
    give_up = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < give_up:
        time.sleep(0.2)
    return holds


def inspect(site: Site, service: str) -> dict[str, Any]:
    """Ask Docker what it knows of a service's container."""
    listed = json.loads(site.compose("ps", "--format", "json", service).splitlines()[0])
    state: dict[str, Any] = listed
    return state


def test_every_service_is_healthy(site: Site) -> None:
    """Health checks are the readiness: `up --wait` came back within a minute, and all are healthy still."""
    assert {service: inspect(site, service)["Health"] for service in SERVICES} == dict.fromkeys(SERVICES, "healthy")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_no_rights_to_spare(site: Site, service: str) -> None:
    """No root, no writable root file system, no capability, no way to gain one."""
    status = site.compose("exec", "-T", service, "cat", "/proc/1/status")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    assert "0" not in fields["Uid"].split()
    assert int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"].strip() == "1"
    options = site.compose("exec", "-T", service, "cat", "/proc/mounts").splitlines()[0].split()[3]
    assert "ro" in options.split(",")


def test_without_an_account_alerts_and_bell_are_heard_and_nothing_else(site: Site) -> None:
    """Readings of the scenario stream by all the time, yet a stranger subscribed to everything hears none."""
    stranger, operator = site.client(None), site.client("operator")
    for client in (stranger, operator):
        client.subscribe("#")
    assert wait_for(lambda: sum("/readings/" in topic for topic in operator.heard) > 3, 20)
    stranger.subscribe("tocsin/alerts/none")
    heard = {topic.split("/")[1] for topic in stranger.heard}
    assert heard <= {"alerts", "bell"}
    for topic in ("readings/kiln-7", "alerts/kiln-7", "bell/kiln-7", "feedback/1", "commands/detector"):
        assert stranger.publish(f"tocsin/{topic}", "{}") == "Not authorized"
    for client in (stranger, operator):
        client.close()


def test_the_door_for_devices_is_closed_to_strangers(site: Site) -> None:
    """The port that may be opened to a network lets nobody in without an account."""
    assert site.client(None, port=site.device_port).refusal == "Not authorized"


def test_a_device_is_added_while_everything_runs(site: Site) -> None:
    """Account and SIGHUP are enough: the device publishes on its topic, on no other, and the detector knows it."""
    site.accounts.add_device("kiln-7")
    site.compose("kill", "-s", "HUP", "mosquitto")
    assert wait_for(lambda: not site.client("device-kiln-7", port=site.device_port).refusal, 10)
    operator = site.client("operator")
    operator.subscribe("tocsin/devices/#")
    device = site.client("device-kiln-7", port=site.device_port)
    assert device.publish("tocsin/readings/kiln-7", '{"temperature": 21.5}') in ACCEPTED
    assert device.publish("tocsin/readings/pump", '{"temperature": 21.5}') == "Not authorized"
    assert wait_for(lambda: "tocsin/devices/kiln-7" in operator.heard, 20)
    for client in (operator, device):
        client.close()


def test_the_first_fault_is_told_and_stored(site: Site) -> None:
    """An alert of the factory arrives as JSON, as lines for people, and as a row anybody can select."""
    stranger = site.client(None)
    stranger.subscribe("tocsin/alerts/#")
    stranger.subscribe("tocsin/bell/#")
    assert wait_for(lambda: any("/bell/" in topic for topic in stranger.heard), 120)
    topic, payload = next(pair for pair in stranger.heard.items() if pair[0].startswith("tocsin/alerts/"))
    alert = decode(payload.encode(), Alert)
    assert topic.endswith(alert.device)
    assert alert.label
    assert alert.reason
    row = alert_of(site, alert.incident)
    assert (row["device"], row["label"]) == (alert.device, alert.label)
    assert any("🚨" in text for text in stranger.heard.values())
    stranger.close()


def test_the_page_shows_the_alert_and_its_device(site: Site) -> None:
    """The API of the container has the fault that was stored, the devices that run, and readings of one of them."""
    assert wait_for(lambda: bool(page(site, "/api/v1/alerts")["items"]), 120)
    alert = page(site, "/api/v1/alerts")["items"][0]
    readings = page(site, f"/api/v1/devices/{alert['device']}/readings")
    assert readings["times"]
    assert set(page(site, "/api/v1/health")["stages"]) == {"producer", "detector", "explainer"}


def page(site: Site, path: str) -> Any:
    """Ask the page through its published port."""
    with urllib.request.urlopen(f"http://127.0.0.1:{site.web_port}{path}", timeout=30) as answer:
        return json.load(answer)


def test_the_detectors_api_serves_its_devices_and_judges_rows(site: Site) -> None:
    """Through its published port the detector shows its devices, fits a model on rows and finds the odd one."""
    base = f"http://127.0.0.1:{site.http_port}/v1"
    assert wait_for(lambda: (answered(f"{base}/devices") or {"total": 0})["total"] > 0, 120)
    rows = [[20.0 + (number * 7 % 11) / 10, 5.0 + (number * 3 % 13) / 10] for number in range(100)]
    assert answered(f"{base}/ml/anomaly/fit", {"model": "rows", "data": rows})["samples_fitted"] == len(rows)
    scored = answered(f"{base}/ml/anomaly/score", {"model": "rows", "data": [[20.5, 5.6], [90.0, 5.6]]})
    assert [row["is_anomaly"] for row in scored["data"]] == [False, True]


def answered(url: str, body: Any = None) -> Any:
    """Ask, and return the answer; None while nothing listens."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=180) as answer:
            return json.load(answer)
    except urllib.error.HTTPError:
        raise
    except OSError:
        return None


def alert_of(site: Site, incident: str) -> dict[str, Any]:
    """Read an alert by hand, as a person would with sqlite3."""
    with sqlite3.connect(f"file:{site.data}/alerts.db?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute("SELECT * FROM alert_feed")]
    database.close()
    return next(row for row in rows if row["incident"] == incident)


def test_a_recorded_file_is_replayed_beside_the_containers(site: Site, shared: Path) -> None:
    """A real stream goes from `tocsin replay` through every container into alerts that `tocsin alerts` lists."""
    files = f"{shared / 'data' / 'SKAB' / 'valve1'}:/files:ro"
    replay = ("replay", "--device", "skab", "/files/3.csv.gz")
    site.compose("--profile", "tools", "run", "--rm", "-T", "-v", files, "tools", *replay)
    assert wait_for(lambda: bool(alerts_of(site, "skab")), 60)
    first = json.loads(alerts_of(site, "skab").splitlines()[0])
    assert first["device"] == "skab"
    assert first["run"]


def alerts_of(site: Site, device: str) -> str:
    """List a device's alerts with the command line, one JSON object a line."""
    return site.compose("--profile", "tools", "run", "--rm", "-T", "tools", "alerts", "--device", device, "--json")


def test_the_doctor_finds_nothing_wrong(site: Site) -> None:
    """Broker, accounts, rights, services, database and models are sound in the command line's own words."""
    assert "Nothing is wrong." in site.compose("--profile", "tools", "run", "--rm", "-T", "tools", "doctor")
