"""Settings of the commands: those of the services that they talk to or look at."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from runtime.settings import ServiceSettings, SettingsError, load_settings
from tocsin.terminal import CommandError


class CommandSettings(ServiceSettings):
    """What the commands can be told."""

    table: ClassVar[str] = "cli"

    database_url: str = Field("sqlite:///data/alerts.db", min_length=1, description="where the explainer stores alerts")
    state_dir: Path = Field(Path("data/detector"), description="directory of the detector's models")
    secrets: Path = Field(Path("secrets"), description="directory of the accounts' passwords")
    profiles: Path | None = Field(None, description="profiles of foreign devices, YAML or TOML")


def command_settings(**given: object) -> CommandSettings:
    """Read the settings; what a command line gives wins over the environment and the file, None is not given.

    Raises:
        CommandError: a setting is wrong.
    """
    try:
        return load_settings(CommandSettings, **{name: value for name, value in given.items() if value is not None})
    except SettingsError as error:
        raise CommandError(
            str(error), "settings are TOCSIN_* variables, or the TOML file of TOCSIN_CONFIG", code=2
        ) from error
