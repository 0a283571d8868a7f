"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from runtime.mqtt.connection import BrokerConnection
from tocsin.broker.local_broker import BrokerError, LocalBroker, find_broker

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("tocsin", deadline=None)  # how long a machine takes is no behaviour
settings.load_profile("tocsin")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded streams and messages beside the project; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the project: recorded streams and messages are not here")
    return SHARED


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerConnection]:
    """A real broker for the whole run; TOCSIN_TEST_BROKER chooses `mosquitto`, `nats` or a running one: `port/5`.

    Without one the tests are skipped, but fail in CI.
    """
    port, _, protocol = os.environ.get("TOCSIN_TEST_BROKER", "").partition("/")
    if port.isdigit():
        yield BrokerConnection(host="127.0.0.1", port=int(port), protocol="3.1.1" if protocol == "3.1.1" else "5")
        return
    try:
        program = find_broker(os.environ.get("TOCSIN_TEST_BROKER"))
    except BrokerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    running = LocalBroker(tmp_path_factory.mktemp("broker"), program=program)
    running.start()
    try:
        yield BrokerConnection(host="127.0.0.1", port=running.port, protocol=program.protocol)
    finally:
        running.stop()


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """A topic prefix of this test's own, so that tests can share a broker."""
    return "test-" + "".join(c if c.isalnum() else "-" for c in request.node.name)[:80]
