"""`tocsin profiles`: files that say which foreign devices to listen to."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from tocsin.terminal import CommandError, output

profiles = typer.Typer(help="Profile files: which foreign devices to listen to, and how.", no_args_is_help=True)


@profiles.command()
def check(file: Annotated[Path, typer.Argument(help="YAML or TOML.")]) -> None:
    """Say whether a file is right, and what it makes the detector listen to."""
    from devices.profiles.filters import topic_filters  # noqa: PLC0415 - help must not wait for it
    from tocsin.foreign.profile_files import profile_file  # noqa: PLC0415

    read = profile_file(file)
    output().print(f"{file} is right: {len(read.profiles)} profiles, {len(read.overrides)} overrides.")
    for topic_filter in topic_filters(read):
        output().print(f"  listens to {topic_filter}")
    if not topic_filters(read):
        output().print("  listens to nothing: name topics under `mqtt: {subscribe: [...]}`")


@profiles.command()
def grant(file: Annotated[Path, typer.Argument(help="YAML or TOML.")]) -> None:
    """Let the detector's account on our broker read what a file listens to, that and no more."""
    from devices.profiles.filters import topic_filters  # noqa: PLC0415 - help must not wait for it
    from devices.semantics.waking import WRITES  # noqa: PLC0415
    from tocsin.broker.accounts import AccountError  # noqa: PLC0415
    from tocsin.commands.device import installed_accounts  # noqa: PLC0415
    from tocsin.compose_settings import RELOAD_BROKER  # noqa: PLC0415
    from tocsin.foreign.profile_files import profile_file  # noqa: PLC0415

    read = profile_file(file)
    filters = topic_filters(read)
    try:
        installed_accounts().grant_foreign(filters, [WRITES[name] for name in read.allow_write])
    except (AccountError, OSError) as error:
        raise CommandError(str(error)) from error
    output().print(f"The detector may read {', '.join(filters) or 'no foreign topics'}.")
    output().print(f"A broker that runs already reads it after: {RELOAD_BROKER}", style="dim")


@profiles.command()
def schema() -> None:
    """Print the JSON Schema of profile files, for editors."""
    from devices.profiles.json_schema import text  # noqa: PLC0415 - help must not wait for it

    output().out(text(), highlight=False, end="")
