"""The account of one device, as its owner enters it there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.compose_settings import Door


@dataclass(frozen=True, slots=True)
class DeviceAccount:
    """What a person enters at a device."""

    device: str
    username: str
    password: str
    topic: str

    def described(self, door: Door) -> str:
        """Say host, port, account and topic, and a line that publishes a first reading."""
        line = ["mosquitto_pub", "-h", door.host, "-p", str(door.port), "-u", self.username, "-P", self.password]
        line += ["-t", self.topic, "-m", '{"temperature": 21.5}']
        return "\n".join(
            (
                f"host      {door.host}{door.remark}",
                f"port      {door.port}",
                f"username  {self.username}",
                f"password  {self.password}",
                f"topic     {self.topic}",
                "",
                "Try it:",
                shlex.join(line),
            )
        )
