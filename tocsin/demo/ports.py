"""The ports of broker and page: the usual ones while nobody else has them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tocsin.broker.local_broker import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL_PORT = 1883  # what every client takes by itself
_USUAL_WEB_PORT = 8088


def broker_port(wanted: int | None) -> int:
    """Return the port that is wanted, even if it is taken; None wants the usual one, or any while that is taken."""
    return (_if_free(USUAL_PORT) if wanted is None else wanted) or free_port()


def web_port(environ: Mapping[str, str]) -> int:
    """Return the page's port, as set or the usual one; any that is free while that is taken."""
    wanted = environ.get("TOCSIN_WEB_PORT", "")
    return _if_free(int(wanted) if wanted.isdigit() else _USUAL_WEB_PORT) or free_port()


def _if_free(port: int) -> int:
    """Return the port if nobody has it, else 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
