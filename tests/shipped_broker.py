"""The broker as shipped, with its configuration, accounts and ACL, in a real mosquitto on free ports."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.topics import Topics
from tests.mqtt_speaker import Speaker
from tocsin.broker.accounts import Accounts
from tocsin.broker.local_broker import BrokerError, LocalBroker, find_broker, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIPPED = Path(__file__).resolve().parents[1] / "mosquitto" / "mosquitto.conf"


@contextmanager
def started_site(directory: Path, *devices: str) -> Iterator[Site]:
    """Start the shipped broker, some devices known to it; without mosquitto the test is skipped, but fails in CI."""
    try:
        site = Site(directory)
    except BrokerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    site.accounts.init()
    for device in devices:
        site.accounts.add_device(device)
    site.broker.start()
    try:
        yield site
    finally:
        site.broker.stop()


class Site:
    """The shipped broker with its accounts, on free ports."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.accounts = Accounts(directory / "secrets", Topics())
        self.device_port = free_port()
        shipped = SHIPPED.read_text(encoding="utf-8")
        configuration = (
            shipped.replace("listener 1883", "listener {port} 127.0.0.1")
            .replace("listener 1884", f"listener {self.device_port} 127.0.0.1")
            .replace("/mosquitto/accounts", str(directory / "secrets" / "broker"))
            .replace("/mosquitto/data/", "{directory}/")
            .replace("log_dest stderr", "log_dest file {directory}/broker.log")
        )
        if os.geteuid() == 0:
            configuration += "user root\n"  # else it becomes `mosquitto`, who cannot read the accounts
        self.broker = LocalBroker(
            directory / "broker", program=replace(find_broker("mosquitto"), configuration=configuration)
        )

    def reload(self) -> None:
        """Let the broker read its accounts again."""
        process = self.broker._process
        assert process is not None
        process.send_signal(signal.SIGHUP)

    def client(self, account: str | None, *, port: int | None = None, password: str | None = None) -> Speaker:
        """Make a connected client with an account's own password, unless another is given."""
        if account is not None and password is None:
            password = self.accounts.password(account)
        return Speaker(port or self.broker.port, account, password)
