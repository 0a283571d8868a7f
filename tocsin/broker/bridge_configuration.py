"""A bridge in our mosquitto that fetches topics from a broker you have. Source: mosquitto.conf(5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.errors import TopicError
from tocsin.broker.acl import checked_filter

if TYPE_CHECKING:
    from collections.abc import Sequence


class BridgeError(Exception):
    """No such bridge can be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """Where to fetch from, and what.

    Attributes:
        host, port: of the broker that stays as it is.
        filters: topics to fetch.
        prefix: put before every topic here, such as `site1/`; "" for none.
        username, password: of an account there that may read the topics.
        ca_file: CA certificates, as the container sees the file; switches TLS on.
    """

    host: str
    port: int
    filters: Sequence[str]
    prefix: str = ""
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None

    def text(self) -> str:
        """Write the configuration.

        Raises:
            BridgeError: a value cannot stand in it.
        """
        name = f"tocsin-{self.host}"
        lines = [
            f"# Fetches from {self.host}:{self.port} and sends nothing there. Written by `tocsin bridge`.",
            f"connection {_word(name, 'host')}",
            f"address {_word(self.host, 'host')}:{self.port}",
            f"remote_clientid {name}",
            *self._account(),
            *self._topics(),
            "bridge_protocol_version mqttv311",
            "cleansession false",
            "notifications false",
            "try_private false",
            "start_type automatic",
            "restart_timeout 2 30",
            "keepalive_interval 30",
        ]
        return "\n".join(lines) + "\n"

    def _account(self) -> list[str]:
        found = [
            ("remote_username", self.username),
            ("remote_password", self.password),
            ("bridge_cafile", self.ca_file),
        ]
        return [f"{key} {_word(value, key)}" for key, value in found if value is not None]

    def _topics(self) -> list[str]:
        if not self.filters:
            raise BridgeError("no topics: name them with --topic 'zigbee2mqtt/#', or a file of profiles")
        if self.prefix and not self.prefix.endswith("/"):
            raise BridgeError(
                f"prefix {self.prefix!r}: expected whole levels with a slash at the end, such as 'site1/'"
            )
        try:
            filters = [checked_filter(one) for one in self.filters]
        except TopicError as error:
            raise BridgeError(str(error)) from error
        local = _word(self.prefix, "prefix") if self.prefix else '""'
        return [f'topic {_word(one, "topic")} in 1 {local} ""' for one in filters]


def _word(text: str, what: str) -> str:
    """Refuse what would end the line or the word."""
    if not text or not text.isprintable() or (" " in text and what != "remote_password") or '"' in text:
        raise BridgeError(f"{what}: expected printable text without spaces and quotes")
    return text
