"""A broker named by a URL: mqtt://user:password@host:1883."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from runtime.mqtt.connection import BrokerConnection

_PORTS = {"mqtt": 1883, "tcp": 1883, "mqtts": 8883, "ssl": 8883}
_SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_EXAMPLE = "expected mqtt://host, mqtt://user:password@host:1883 or mqtts://host"


def broker_at(url: str) -> BrokerConnection:
    """Read a URL; a bare host name will do.

    Raises:
        CommandError: it names no broker.
    """
    from pathlib import Path  # noqa: PLC0415 - help must not wait for it

    from runtime.mqtt.connection import BrokerConnection  # noqa: PLC0415

    try:
        parts = urlsplit(_quoted(url if "://" in url else f"mqtt://{url}"))
        port = parts.port
    except ValueError as error:
        raise CommandError(f"broker {url!r}: {error}; {_EXAMPLE}", code=2) from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise CommandError(f"broker {url!r}: {_EXAMPLE}", code=2)
    secure = parts.scheme in {"mqtts", "ssl"}
    return BrokerConnection(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        ca_file=next((Path(one) for one in _SYSTEM_CERTIFICATES if Path(one).exists()), None) if secure else None,
    )


def _quoted(url: str) -> str:
    """Quote what a password may hold and a URL may not: all up to the last @ is the account."""
    scheme, rest = url.split("://", 1)
    account, at, host = rest.rpartition("@")
    return f"{scheme}://{quote(account, safe=':%')}{at}{host}"
