"""The options that every command with a broker has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.option_groups import OptionGroup
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.command_settings import CommandSettings

_PANEL = "Broker"
_OPERATOR = "operator"
_LAST_PORT = 65_535
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class BrokerOptions:
    """Where the broker is and how to log in, as far as the command line says it; None leaves it to the settings."""

    host: str | None = None
    port: int | None = None
    username: str | None = None
    password_file: Path | None = None
    prefix: str | None = None

    def settings(self, **given: object) -> CommandSettings:
        """Read the settings with these options on top.

        A broker on this machine is used as the operator when nobody else is named and the operator's password is here.

        Raises:
            CommandError: a setting is wrong or the password file cannot be used.
        """
        from tocsin.command_settings import command_settings  # noqa: PLC0415 - help must not wait for it

        if self.port is not None and not 0 < self.port <= _LAST_PORT:
            raise CommandError(f"--port {self.port}: expected 1 to {_LAST_PORT}", code=2)
        given |= {
            "broker_host": self.host,
            "broker_port": self.port,
            "broker_username": self.username,
            "broker_password_file": self.password_file,
            "topic_prefix": self.prefix,
        }
        settings = command_settings(**given)
        if (password := _operators_password(settings)) is not None:
            settings = command_settings(**{**given, "broker_username": _OPERATOR, "broker_password_file": password})
        return _checked(settings)


def _option(kind: Any, metavar: str, words: str) -> Any:  # noqa: ANN401 - an annotation is what it is
    return Annotated[kind | None, typer.Option(help=words, metavar=metavar, rich_help_panel=_PANEL)]


_GROUP = OptionGroup(
    "broker",
    BrokerOptions,
    {
        "host": _option(str, "HOST", "The broker; else TOCSIN_BROKER_HOST, localhost."),
        "port": _option(int, "PORT", "Its port; else TOCSIN_BROKER_PORT, 1883."),
        "username": _option(
            str,
            "NAME",
            "Account; else TOCSIN_BROKER_USERNAME, on this machine operator if its password is in secrets/.",
        ),
        "password_file": _option(Path, "FILE", "Its password; else TOCSIN_BROKER_PASSWORD_FILE."),
        "prefix": _option(str, "LEVELS", "First level(s) of our topics; else TOCSIN_TOPIC_PREFIX, tocsin."),
    },
)


def with_broker_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the broker; it gets them as one argument `broker: BrokerOptions`."""
    return _GROUP.give_to(command)


def _operators_password(settings: CommandSettings) -> Path | None:
    """Return the operator's password file when nobody else is named, at a broker on this machine."""
    file = settings.secrets / f"{_OPERATOR}.password"
    alone = not settings.broker_username and settings.broker_host in _HERE
    return file if alone and _readable(file) else None


def _readable(file: Path) -> bool:
    try:
        with file.open():
            return True
    except OSError:
        return False


def _checked(settings: CommandSettings) -> CommandSettings:
    from contracts.errors import TopicError  # noqa: PLC0415 - the same
    from contracts.topics import Topics  # noqa: PLC0415

    try:
        settings.connection  # noqa: B018 - reads the password
        Topics(settings.topic_prefix)
    except (ValueError, TopicError) as error:
        raise CommandError(str(error), code=2) from error
    return settings
