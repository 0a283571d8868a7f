"""`tocsin lines`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions

_LAST_PORT = 65_535


@with_broker_options
def lines(
    *,
    broker: BrokerOptions,
    server: Annotated[str, typer.Argument(help="A TCP server that sends one JSON object a line, as host:port.")],
    device: Annotated[str, typer.Option(metavar="NAME", help="Whose readings they are.")] = "stream",
) -> None:
    """Watch a TCP stream of JSON lines: each line becomes a reading, until Ctrl-C."""
    from contracts.errors import TopicError  # noqa: PLC0415 - help must not wait for it
    from contracts.topics import checked_name  # noqa: PLC0415
    from tocsin.foreign.line_bridging import bridge_lines  # noqa: PLC0415

    host, _, port = server.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) <= _LAST_PORT:
        raise CommandError(f"server {server!r}: expected host:port, such as localhost:9999", code=2)
    try:
        checked_name(device, "--device")
    except TopicError as error:
        raise CommandError(str(error), code=2) from error
    bridge_lines(broker.settings(), host, int(port), device)
