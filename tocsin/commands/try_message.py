"""`tocsin try`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions


@with_broker_options
def try_message(  # noqa: PLR0913 - the options of a command
    *,
    broker: BrokerOptions,
    topic: Annotated[str | None, typer.Argument(help="The topic of one message.")] = None,
    payload: Annotated[str | None, typer.Argument(help="Its payload; @FILE reads it from a file.")] = None,
    listen: Annotated[
        str | None, typer.Option(metavar="TOPIC", help="Show what comes on a topic, wildcards too.")
    ] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON lines with topic and payload.")] = None,
    profiles: Annotated[Path | None, typer.Option(metavar="FILE", help="Profiles; else TOCSIN_PROFILES.")] = None,
    strip_prefix: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Taken off topics, e.g. site1/.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
) -> None:
    """Show what Tocsin makes of a message: format, device, values, time, and what it leaves out."""
    from tocsin.foreign import trying  # noqa: PLC0415 - help must not wait for it
    from tocsin.foreign.profile_files import recognizer  # noqa: PLC0415

    asked = [topic is not None and payload is not None, listen is not None, file is not None]
    if sum(asked) != 1:
        raise CommandError("expected a topic with its payload, or --listen TOPIC, or --file FILE", code=2)
    settings = broker.settings(profiles=profiles)
    reader = recognizer(settings.profiles, strip_prefix or (), settings.topic_prefix)
    if file is not None:
        trying.try_file(reader, file, as_json=json)
    elif listen is not None:
        trying.try_live(reader, settings, listen, as_json=json)
    else:
        trying.try_one(reader, topic or "", payload or "", as_json=json)
