"""What docker compose is told: the environment, then the file `.env` beside the compose file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DOTENV = Path(".env")
LOOPBACK_PORT = 1883
DEVICE_PORT = 1884
RELOAD_BROKER = "docker compose kill -s HUP mosquitto"  # to read accounts and rights anew
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - only recognised here


@dataclass(frozen=True, slots=True)
class Door:
    """Where a device finds the broker; `remark` says what a person should know of it."""

    host: str
    port: int
    remark: str = ""


def setting(name: str, default: str, environ: Mapping[str, str], dotenv: Path = DOTENV) -> str:
    """Read a setting as docker compose does: the environment first, then `.env`; empty counts as missing."""
    return environ.get(name) or read_dotenv(dotenv).get(name) or default


def read_dotenv(dotenv: Path) -> dict[str, str]:
    """Read `NAME=value` lines; quotes around a value are dropped, comments and other lines are left out."""
    if not dotenv.exists():
        return {}
    lines = (line.strip() for line in dotenv.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def device_door(environ: Mapping[str, str], dotenv: Path = DOTENV) -> Door:
    """Say where a device reaches the broker: on loopback until `TOCSIN_BIND` opens a door to the network."""
    address = setting("TOCSIN_BIND", "127.0.0.1", environ, dotenv)
    if address in _LOOPBACK:
        port = int(setting("TOCSIN_PORT", str(LOOPBACK_PORT), environ, dotenv))
        return Door("localhost", port, "  (this machine only; TOCSIN_BIND=<address> opens the broker to others)")
    port = int(setting("TOCSIN_DEVICE_PORT", str(DEVICE_PORT), environ, dotenv))
    if address in _ANY:
        return Door("localhost", port, "  (from another machine: this machine's address)")
    return Door(address, port)
