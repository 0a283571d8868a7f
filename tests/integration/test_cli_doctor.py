"""`tocsin doctor` at the shipped broker with its accounts."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.topics import Topics
from runtime.mqtt.connection import BrokerConnection
from tests.integration.command_process import CommandProcess
from tests.plant import Plant
from tests.shipped_broker import Site, started_site
from tocsin.broker.listening import visiting
from tocsin.broker.local_broker import BrokerError, LocalBroker, find_broker
from tocsin.broker.passwords import hashed, new_password
from tocsin.doctor.door import Door

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tocsin.doctor.finding import Finding

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start the shipped broker once for this module."""
    with started_site(tmp_path_factory.mktemp("site"), "boiler") as running:
        yield running


def door_of(site: Site, account: str | None, password: str | None = None) -> Door:
    """Stand before the shipped broker."""
    known = site.accounts.password(account) if account and password is None else password
    return Door(BrokerConnection("127.0.0.1", site.broker.port, username=account, password=known), Topics())


def found(door: Door) -> dict[str, Finding]:
    """Examine it."""
    return {finding.name: finding for finding in door.findings()}


def test_the_operator_finds_all_well(site: Site) -> None:
    """Log-in, canary and rights are well at a broker as shipped."""
    findings = found(door_of(site, "operator"))
    assert {name: finding.outcome for name, finding in findings.items()} == {
        "broker": "good",
        "log-in": "good",
        "canary": "good",
        "rights": "good",
    }
    assert findings["log-in"].seen == "MQTT 5, account 'operator'"


def test_nobody_may_send(site: Site) -> None:
    """Without an account the door is closed as it should be, and the rest is for the operator."""
    outcomes = {name: finding.outcome for name, finding in found(door_of(site, None)).items()}
    assert outcomes == {"broker": "good", "log-in": "good", "rights": "good", "canary": "skipped"}


def test_a_wrong_password_is_said(site: Site) -> None:
    """An account that is not let in is told apart from a broker that is not there."""
    finding = found(door_of(site, "operator", "guess"))["log-in"]
    assert finding.outcome == "bad"
    assert "'operator' is not let in" in finding.seen


def test_another_account_is_no_operator(site: Site) -> None:
    """Accounts that do not hear what they send cannot send a canary."""
    assert found(door_of(site, "device-boiler"))["canary"].outcome == "skipped"


def test_an_account_of_another_name_may_be_as_good(tmp_path: Path) -> None:
    """On a broker that somebody has already, the account that may do everything is called as they like."""
    try:
        mosquitto = find_broker("mosquitto")
    except BrokerError as error:
        pytest.skip(str(error))
    word = new_password()
    (tmp_path / "passwords").write_text(f"home:{hashed(word)}\n")
    rules = "allow_anonymous false\npassword_file {directory}/passwords"
    own = replace(mosquitto, configuration=mosquitto.configuration.replace("allow_anonymous true", rules))
    broker = LocalBroker(tmp_path, program=own)
    broker.start()
    try:
        findings = found(Door(BrokerConnection("127.0.0.1", broker.port, username="home", password=word), Topics()))
    finally:
        broker.stop()
    assert findings["canary"].outcome == "good"
    assert "account 'home'" in findings["canary"].seen


def test_an_open_broker_is_doubtful_here_and_bad_elsewhere(broker: BrokerConnection) -> None:
    """A broker without accounts is fine on one's own machine, and said; at the network it is wrong."""
    finding = found(Door(broker, Topics("doctor")))["rights"]
    assert finding.outcome == "doubtful"
    door = Door(replace(broker, host="127.0.0.2"), Topics("doctor"))  # the broker listens on 127.0.0.1 alone
    assert found(door)["broker"].outcome == "bad"


def test_another_program_at_the_port_is_said() -> None:
    """A port where no broker answers is told apart from one where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        door = Door(BrokerConnection("127.0.0.1", silent.getsockname()[1]), Topics(), patience=0.5)
        findings = found(door)
    assert findings["broker"].outcome == "good"
    assert findings["log-in"].outcome == "bad"


def test_a_broker_of_an_older_version_is_spoken_to(tmp_path: Path) -> None:
    """A broker that knows MQTT 3.1.1 alone is examined all the same, and the setting that services need is named."""
    try:
        nats = LocalBroker(tmp_path, program=find_broker("nats"))
    except BrokerError as error:
        pytest.skip(str(error))
    nats.start()
    try:
        connection = BrokerConnection("127.0.0.1", nats.port)
        findings = found(Door(connection, Topics()))
        with visiting(connection) as bus:
            assert bus.connected
    finally:
        nats.stop()
    assert findings["log-in"].outcome == "doubtful"
    assert "TOCSIN_BROKER_PROTOCOL=3.1.1" in findings["log-in"].remedy
    assert findings["canary"].outcome == "good"


@pytest.mark.slow
def test_a_running_site_is_well(tmp_path: Path) -> None:
    """With everything up, nothing is wrong, and every part has been seen."""
    with Plant(tmp_path) as plant:
        words = ("--port", plant.broker.port, "--database", plant.database, "--state-dir", plant.state.parent)
        protocol = plant.broker.program.protocol
        with CommandProcess("doctor", *words, directory=tmp_path, TOCSIN_BROKER_PROTOCOL=protocol) as command:
            assert command.ended() == 0, command.said
    for part in ("packages", "canary", "detector", "explainer", "clocks", "database tables", "disk"):
        assert f"✔ {part:<19} " in command.said
    assert command.lines[-1] == "Nothing is wrong."
