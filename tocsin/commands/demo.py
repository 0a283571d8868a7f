"""`tocsin demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.terminal import CommandError


def demo(  # noqa: PLR0913 - one parameter an option
    *,
    scenario: Annotated[
        str,
        typer.Option(
            envvar="TOCSIN_SCENARIO",
            help="What is simulated: factory, quiet, storm, fleet, or a TOML file.",
            show_envvar=False,
        ),
    ] = "factory",
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65_535, help="Port of the broker, 0 for any; by default 1883 if it is free.", show_default=False
        ),
    ] = None,
    broker: Annotated[
        str | None, typer.Option(help="mosquitto or nats; by default the first that is installed.", show_default=False)
    ] = None,
    data_dir: Annotated[Path, typer.Option(help="Directory of database, state and logs.")] = Path("data/demo"),
    seconds: Annotated[
        float | None, typer.Option("--for", min=0, help="End after so many seconds.", show_default=False)
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(help="local: a small language model on this machine explains, too.", show_default=False),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Go on with what the last demo learned.")] = False,
) -> None:
    """Start everything on this machine, without containers, and show what rings; Ctrl-C ends it."""
    if broker not in (None, "mosquitto", "nats"):
        raise CommandError(f"--broker {broker}: expected mosquitto or nats", code=2)
    if llm not in (None, "local"):
        raise CommandError(f"--llm {llm}: expected local; other models by TOCSIN_LLM_BASE_URL", code=2)
    from tocsin.demo.folder import DemoFolder  # noqa: PLC0415 - help must not wait for it
    from tocsin.demo.show import run_demo  # noqa: PLC0415
    from tocsin.demo.wish import Wish  # noqa: PLC0415

    run_demo(DemoFolder(data_dir), Wish(scenario, port, broker, local_llm=llm is not None), keep=keep, seconds=seconds)
