"""Settings of the alert book: where it is, how long it keeps things, whom it tells."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from explainer.outputs.rules import load_outputs
from explainer.upkeep.calendar import DAYS
from runtime.settings import ServiceSettings
from storage.database import DEFAULT_URL, checked_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explainer.outputs.rules import Output

DigestDay = Literal["off", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class BookSettings(ServiceSettings):
    """What the alert book can be told."""

    database_url: str = Field(
        DEFAULT_URL, min_length=1, description="where alerts are stored: sqlite:/// or postgresql://"
    )
    keep_alerts_days: float | None = Field(
        None, gt=0, description="delete what ended longer ago; none: keep everything"
    )
    keep_dead_letters_days: float = Field(30.0, gt=0, description="delete refused messages older than this")
    remind_every_hours: float = Field(0.0, ge=0, description="ring again while an incident lasts; 0: never")
    digest_day: DigestDay = Field("off", description="day of the weekly digest, monday to sunday")
    digest_hour: int = Field(7, ge=0, le=23, description="its hour, on this machine's clock")
    outputs_file: Path | None = Field(None, description="TOML file of webhooks and mail to tell")
    outputs_keep_trying_hours: float = Field(24.0, gt=0, description="how long a failing output is tried again")

    _database_is_known = field_validator("database_url")(checked_url)

    @field_validator("outputs_file")
    @classmethod
    def _outputs_are_right(cls, path: Path | None) -> Path | None:
        if path is not None:
            load_outputs(path, os.environ)
        return path

    @property
    def digest_weekday(self) -> int | None:
        """The digest's day, Monday is 0; None for no digest."""
        return None if self.digest_day == "off" else DAYS.index(self.digest_day)

    def outputs(self, environment: Mapping[str, str]) -> list[Output]:
        """Return whom to tell.

        Raises:
            OutputError: the file has become wrong since the settings were read.
        """
        return [] if self.outputs_file is None else load_outputs(self.outputs_file, environment)
