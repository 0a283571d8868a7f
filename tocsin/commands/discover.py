"""`tocsin discover`."""

from __future__ import annotations

import re
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)?", re.ASCII)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


@with_broker_options
def discover(  # noqa: PLR0913 - the options of a command
    *,
    broker: BrokerOptions,
    url: Annotated[
        str | None, typer.Option("--broker", metavar="URL", help="The broker as mqtt://user:password@host:1883.")
    ] = None,
    length: Annotated[str, typer.Option("--for", metavar="TIME", help="How long to listen: 30s, 5m.")] = "60s",
    topic: Annotated[
        list[str] | None, typer.Option(metavar="FILTER", help="Listen to these topics alone; else to all.")
    ] = None,
    profiles: Annotated[Path | None, typer.Option(metavar="FILE", help="Profiles; else TOCSIN_PROFILES.")] = None,
    strip_prefix: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Taken off topics: site1/.")] = None,
    write: Annotated[Path | None, typer.Option(metavar="FILE", help="Save the profile file it guessed.")] = None,
    json: Annotated[bool, typer.Option("--json", help="What was found, as JSON.")] = False,
) -> None:
    """Listen to a broker and show which devices speak there, in which language; publishes nothing."""
    from tocsin.broker.url import broker_at  # noqa: PLC0415
    from tocsin.foreign import discovering  # noqa: PLC0415 - help must not wait for it
    from tocsin.foreign.profile_files import recognizer  # noqa: PLC0415

    match = _DURATION.fullmatch(length)
    if match is None:
        raise CommandError(f"--for {length!r}: expected a time such as 30s or 5m", code=2)
    settings = broker.settings(profiles=profiles)
    connection = settings.connection if url is None else broker_at(url)
    reader = recognizer(settings.profiles, strip_prefix or (), settings.topic_prefix)
    survey = discovering.discover(connection, reader, topic or ["#"], float(match[1]) * _SECONDS[match[2]])
    discovering.show_survey(survey, as_json=json)
    if write is not None:
        discovering.write_profiles(survey, write, tuple(strip_prefix or ()))
