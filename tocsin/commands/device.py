"""`tocsin device`: accounts for devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.terminal import CommandError, output

if TYPE_CHECKING:
    from tocsin.broker.accounts import Accounts

device = typer.Typer(help="Accounts of devices on the broker.", no_args_is_help=True)


@device.command()
def add(
    name: Annotated[str, typer.Argument(help="The device's name, as in its topic.")],
    topic: Annotated[
        list[str] | None,
        typer.Option(metavar="FILTER", help="Foreign topics that it uses, too, e.g. 'zigbee2mqtt/#' of a gateway."),
    ] = None,
) -> None:
    """Make an account for a device and say what to enter there; a device that has one keeps it."""
    import os  # noqa: PLC0415 - with the others

    from tocsin.broker.accounts import AccountError  # noqa: PLC0415 - help must not wait for it
    from tocsin.compose_settings import RELOAD_BROKER, device_door  # noqa: PLC0415

    try:
        accounts = installed_accounts()
        if topic:
            accounts.use_topics(name, topic)
        account = accounts.add_device(name)
        console = output()
        console.print(account.described(device_door(os.environ)))
    except (AccountError, OSError) as error:
        raise CommandError(str(error)) from error
    console.print(f"\nA broker that runs already reads the account after: {RELOAD_BROKER}", style="dim")


@device.command("list")
def list_devices() -> None:
    """Name the devices that have an account."""
    names = installed_accounts().devices()
    for name in names:
        output().print(name)
    if not names:
        from tocsin.terminal import errors  # noqa: PLC0415 - seldom

        errors().print("No device has an account; this makes one: tocsin device add boiler")


def installed_accounts() -> Accounts:
    """Return the accounts of this installation.

    Raises:
        CommandError: the topic prefix is wrong.
    """
    import os  # noqa: PLC0415 - with the others
    from pathlib import Path  # noqa: PLC0415

    from contracts.errors import TopicError  # noqa: PLC0415 - help must not wait for it
    from contracts.topics import Topics  # noqa: PLC0415
    from tocsin.broker.accounts import Accounts  # noqa: PLC0415
    from tocsin.compose_settings import setting  # noqa: PLC0415

    try:
        topics = Topics(setting("TOCSIN_TOPIC_PREFIX", "tocsin", os.environ))
    except TopicError as error:
        raise CommandError(f"TOCSIN_TOPIC_PREFIX: {error}", code=2) from error
    return Accounts(Path(setting("TOCSIN_SECRETS", "secrets", os.environ)), topics)
