"""`tocsin bridge`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.terminal import CommandError, errors, output

if TYPE_CHECKING:
    from collections.abc import Sequence

_RESTART = "docker compose restart mosquitto"


def bridge(  # noqa: PLR0913 - the options of a command
    *,
    host: Annotated[str, typer.Argument(help="The broker you have: host, host:port or mqtt://user:password@host.")],
    topic: Annotated[
        list[str] | None, typer.Option(metavar="FILTER", help="What to fetch, e.g. 'zigbee2mqtt/#'.")
    ] = None,
    profiles: Annotated[Path | None, typer.Option(metavar="FILE", help="Fetch what this file listens to.")] = None,
    prefix: Annotated[str, typer.Option("--as", metavar="LEVELS", help="Put before every topic here: site1/.")] = "",
    username: Annotated[str | None, typer.Option(metavar="NAME", help="An account there that may read.")] = None,
    password_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Its password.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Save it where our broker reads it.")] = False,
) -> None:
    """Make a bridge from a broker you have to ours: topics come over, and nothing is sent there."""
    from devices.profiles.filters import topic_filters  # noqa: PLC0415 - help must not wait for it
    from tocsin.broker.bridge_configuration import Bridge, BridgeError  # noqa: PLC0415
    from tocsin.broker.url import broker_at  # noqa: PLC0415
    from tocsin.foreign.profile_files import profile_file  # noqa: PLC0415

    there = broker_at(host)
    file = profile_file(profiles)
    if profiles is not None:
        prefix = prefix or next(iter(file.mqtt.strip_prefix), "")
    filters = [*(topic or ()), *(one.removeprefix(prefix) for one in topic_filters(file))]
    password = there.password if password_file is None else _password(password_file)
    ca_file = None if there.ca_file is None else str(there.ca_file)
    made = Bridge(there.host, there.port, filters, prefix, username or there.username, password, ca_file)
    try:
        text = made.text()
    except BridgeError as error:
        raise CommandError(str(error), code=2) from error
    if write:
        _write(made.host, text)
    else:
        output().out(text, highlight=False, end="")
    if prefix and not set(topic_filters(file)) >= {prefix + one for one in filters}:
        _say_profiles(prefix, filters)


def _say_profiles(prefix: str, filters: Sequence[str]) -> None:
    import json  # noqa: PLC0415 - with the others

    here = json.dumps([prefix + one for one in filters], ensure_ascii=False)
    errors().print("The topics come below that prefix, so the profile file needs:", style="dim")
    errors().out(f"mqtt:\n  subscribe: {here}\n  strip_prefix: [{json.dumps(prefix)}]", highlight=False)


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from error


def _write(host: str, text: str) -> None:
    from tocsin.commands.device import installed_accounts  # noqa: PLC0415 - with the others
    from tocsin.private_files import write_private  # noqa: PLC0415

    accounts = installed_accounts()
    file = accounts.bridges / f"{host}.conf"
    try:
        write_private(file, text)
    except OSError as error:
        raise CommandError(f"cannot write {file}: {error.strerror}") from error
    errors().print(f"Saved to {file}. Our broker reads it after: {_RESTART}")
