"""Where the broker is, and how to log in there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Protocol = Literal["5", "3.1.1"]


@dataclass(frozen=True, slots=True)
class BrokerConnection:
    """Where the broker is and how to log in there; `ca_file` switches TLS on."""

    host: str = "localhost"
    port: int = 1883
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    protocol: Protocol = "5"
    keepalive_s: int = 15

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"
