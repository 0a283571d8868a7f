"""`tocsin explain` and `tocsin cost`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.commands.alerts import DATABASE  # noqa: TC001 - typer reads it

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions

_JSON = Annotated[bool, typer.Option("--json", help="As JSON.")]
explain = typer.Typer(name="explain", help="Compare templates and models, or have an incident explained again.")


@explain.command()
def compare(  # noqa: PLR0913 - one parameter an option
    *,
    template: Annotated[
        list[str] | None,
        typer.Option(help="engineer, brief, root-cause, home, small or a file; may be given more than once."),
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="Model to ask; may be given more than once.")] = None,
    incidents: Annotated[int, typer.Option(min=1, max=1000, help="Over the newest so many incidents.")] = 10,
    html: Annotated[Path | None, typer.Option(help="Write a page, too.", show_default=False)] = None,
    json: _JSON = False,
    database: DATABASE = None,
) -> None:
    """Run templates and models over stored incidents, side by side; stores nothing, and asks the model each time."""
    from tocsin.book.alert_database import asked_database  # noqa: PLC0415 - help must not wait for it
    from tocsin.explaining.comparing import Comparison, run_comparison  # noqa: PLC0415

    wish = Comparison(tuple(template or ()), tuple(model or ()), incidents)
    run_comparison(asked_database(database), wish, as_json=json, html=html)


@explain.command()
@with_broker_options
def again(
    *,
    broker: BrokerOptions,
    incident: Annotated[str, typer.Argument(help="Its id, or its first characters.", show_default=False)],
    database: DATABASE = None,
) -> None:
    """Have the running explainer ask its model once more about one incident."""
    from tocsin.book.alert_database import asked_database  # noqa: PLC0415 - help must not wait for it
    from tocsin.explaining.explaining_again import explain_again  # noqa: PLC0415

    asked = "" if database is None else f" --database {database}"
    explain_again(broker.settings(), asked_database(database), incident, asked)


def cost(
    *,
    since: Annotated[str, typer.Option(help="Since: 24h, 30d, or a time such as 2026-11-22T06:30.")] = "30d",
    by: Annotated[str, typer.Option(help="Sums by any of day, provider, model, template, device.")] = "day,model",
    json: _JSON = False,
    database: DATABASE = None,
) -> None:
    """Show calls, tokens and money that explanations took, calls that were saved, and budgets that were used up."""
    from tocsin.book.alert_database import asked_database  # noqa: PLC0415 - help must not wait for it
    from tocsin.book.costs import show_costs  # noqa: PLC0415

    show_costs(asked_database(database), since, [name.strip() for name in by.split(",") if name.strip()], as_json=json)
