"""The `tocsin` command: registers the sub-commands, and turns their errors into words and exit codes."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from typer.core import TyperGroup

from tocsin.commands.alerts import alerts
from tocsin.commands.book import backup, digest, export, import_book, prune
from tocsin.commands.bridge import bridge
from tocsin.commands.demo import demo
from tocsin.commands.device import device
from tocsin.commands.discover import discover
from tocsin.commands.doctor import doctor
from tocsin.commands.evaluate import evaluate, plot
from tocsin.commands.explain import cost, explain
from tocsin.commands.feedback import feedback
from tocsin.commands.handling import ack, snooze
from tocsin.commands.home_assistant import home_assistant
from tocsin.commands.lines import lines
from tocsin.commands.models import models, retrain, rollback
from tocsin.commands.profiles import profiles
from tocsin.commands.replay import replay
from tocsin.commands.train import train
from tocsin.commands.try_message import try_message
from tocsin.commands.version import version
from tocsin.commands.watch import watch
from tocsin.terminal import INTERRUPTED, CommandError, be_lenient, errors, tell_error

if TYPE_CHECKING:
    from collections.abc import Callable

# In the order in which a newcomer needs them.
COMMANDS: tuple[Callable[..., None], ...] = (
    demo,
    watch,
    alerts,
    ack,
    snooze,
    feedback,
    replay,
    train,
    models,
    retrain,
    rollback,
    evaluate,
    plot,
    digest,
    export,
    backup,
    prune,
    doctor,
)


class _Commands(TyperGroup):
    """Ends a command that cannot do what was asked with its words and its exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer keeps the type of its context to itself
        try:
            return super().invoke(ctx)
        except CommandError as error:
            tell_error(error)
            raise typer.Exit(error.code) from error
        except KeyboardInterrupt:
            errors().print("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="tocsin",
    cls=_Commands,
    help="Tocsin listens to sensors over MQTT, rings when a machine behaves oddly, and says why.",
    epilog="Start with: tocsin demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in COMMANDS:
    app.command()(_command)
app.command()(discover)
app.command("try")(try_message)
app.command()(bridge)
app.command()(lines)
app.command("home-assistant")(home_assistant)
app.add_typer(profiles, name="profiles")
app.command("import")(import_book)
app.add_typer(device, name="device")
app.add_typer(explain, name="explain")
app.command()(cost)
app.command()(version)


@app.callback()
def _shared(
    *, verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what the parts log, too.")] = False
) -> None:
    """Set up what all commands share."""
    _configure_logs(verbose=verbose)


def _configure_logs(*, verbose: bool) -> None:
    import structlog  # noqa: PLC0415 - help must not wait for it

    from runtime.logs import LogLevel, configure_logs  # noqa: PLC0415

    level = os.environ.get("TOCSIN_LOG_LEVEL") or "info"
    if level not in get_args(LogLevel):  # also of a command that needs no other setting
        raise CommandError(f"TOCSIN_LOG_LEVEL = {level!r}: expected one of {', '.join(get_args(LogLevel))}", code=2)
    if verbose:
        configure_logs("info")
    else:  # a command says itself what went wrong; the parts' logs would say it twice
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def main() -> None:
    """Run the command line; ends the process with the command's exit code."""
    be_lenient()
    app(prog_name="tocsin")
