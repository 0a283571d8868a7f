"""`tocsin explain again`: orders it of the running explainer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import queries
from storage.errors import UnknownIncidentError
from tocsin.book.alert_database import reading
from tocsin.book.orders import explainer_orders
from tocsin.terminal import CommandError, output, printable

if TYPE_CHECKING:
    from tocsin.command_settings import CommandSettings


def explain_again(settings: CommandSettings, url: str, incident: str, asked: str = "") -> None:
    """Have an incident explained again; `asked` is the option that named the database.

    Raises:
        CommandError: there is no such incident, or the explainer says no or does not answer.
    """
    with reading(url) as engine:
        try:
            alert = queries.alert(engine, incident)
        except UnknownIncidentError as error:
            raise CommandError(str(error), "`tocsin alerts` lists them", code=1) from error
    with explainer_orders(settings) as explainer:
        explainer.order("explain", {"incident": alert.incident})
    shows = f"tocsin alerts show {alert.incident[:8]}{asked}"
    words = f"{alert.device}, {alert.label}: the model is asked again; `{shows}` tells"
    output().print(printable(words))
