"""`tocsin models`, `tocsin retrain` and `tocsin rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions

_DEVICE = Annotated[str, typer.Argument(help="The device's name.", show_default=False)]
_JSON = Annotated[bool, typer.Option("--json", help="As JSON.")]


@with_broker_options
def models(
    *,
    broker: BrokerOptions,
    device: Annotated[
        str | None, typer.Argument(help="Show the versions of this device's model.", show_default=False)
    ] = None,
    json: _JSON = False,
) -> None:
    """Show which model judges each device, or the versions of one."""
    from tocsin.models import model_versions  # noqa: PLC0415 - help must not wait for it

    if device is None:
        model_versions.show_devices(broker.settings(), as_json=json)
    else:
        model_versions.show_versions(broker.settings(), device, as_json=json)


@with_broker_options
def retrain(
    *,
    broker: BrokerOptions,
    device: _DEVICE,
    since: Annotated[
        str | None,
        typer.Option(help="Learn from what was measured since alone: 6h, 2d, or a time such as 2026-11-22T06:30."),
    ] = None,
    trained: Annotated[
        bool, typer.Option("--trained", help="Take the model that `tocsin train` left for it instead.")
    ] = False,
    json: _JSON = False,
) -> None:
    """Have a device's model fitted anew; readings of incidents are left out, but for false positives."""
    from tocsin.models import model_versions  # noqa: PLC0415 - help must not wait for it

    if trained and since is not None:
        raise CommandError("--trained and --since exclude each other", code=2)
    if trained:
        model_versions.adopt(broker.settings(), device, as_json=json)
    else:
        model_versions.retrain(broker.settings(), device, since, as_json=json)


@with_broker_options
def rollback(
    *,
    broker: BrokerOptions,
    device: _DEVICE,
    version: Annotated[
        int | None, typer.Argument(help="To this version; else to the one before.", show_default=False)
    ] = None,
    json: _JSON = False,
) -> None:
    """Have a device judged by an earlier version of its model, until a retrain is asked for."""
    from tocsin.models import model_versions  # noqa: PLC0415 - help must not wait for it

    model_versions.roll_back(broker.settings(), device, version, as_json=json)
