"""Settings of the detector."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from detector.configuration.context_settings import MaintenanceRule, OffSetting, RangeRule
from detector.http.settings import HttpSettings
from detector.models.backends import UnknownBackendError, check_installed
from detector.models.backends.port import BackendMissingError


class DetectorSettings(HttpSettings):
    """What the detector can be told."""

    table: ClassVar[str] = "detector"

    state_dir: Path = Field(Path("data/detector"), description="directory of windows, models and messages owed")
    profiles: Path | None = Field(
        None, description="profiles of foreign devices, YAML or TOML; else profiles.yaml in the state directory"
    )
    backend: str = Field("isolation_forest", description="the algorithm; see docs/backends.md")
    warm_up: int = Field(200, ge=30, le=100_000, description="readings learned from before the first model")
    false_incidents_per_day: float = Field(1.0, gt=0, le=1000, description="false alarms a day, all devices together")
    update_every_s: float = Field(10.0, ge=0, description="shortest time between two updates of an open incident")
    recurring_days: int = Field(
        3,
        ge=0,
        le=7,
        description="what came at the same time on so many of 7 days rings no more, 0: always",
    )
    max_devices: int = Field(10_000, ge=1, description="devices watched at most; readings of others are dead letters")
    keep_readings: int = Field(10_000, ge=100, description="recent readings kept of each device")
    keep_hours: float = Field(24.0, gt=0, le=24 * 366, description="... and of these no longer than so many hours")
    keep_models: int = Field(3, ge=1, le=100, description="versions kept of each device's model")
    share_models_by: str = Field(
        "", description="for thousands of devices: metrics, or a pattern of names such as ^([a-z]+)-; those alike share"
    )
    retrain_interval_hours: float = Field(0.0, ge=0, description="fit each model anew after so many hours, 0 for never")
    maintenance: tuple[MaintenanceRule, ...] = Field(
        (),
        description="[[detector.maintenance]]: devices, from, until, days, zone; nothing opens, nothing is learned",
    )
    ranges: tuple[RangeRule, ...] = Field(
        (), description="[[detector.ranges]]: devices, metric, low, high; a value outside is an incident"
    )
    off: tuple[OffSetting, ...] = Field(
        (), description="[[detector.off]]: devices, metric, below; the machine is off then, and not judged by its model"
    )
    publish_scores: bool = Field(True, description="publish the newest score of each device, at most once a second")  # noqa: FBT003

    @field_validator("share_models_by")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"expected 'metrics' or a regular expression ({error})") from error
        return pattern

    @field_validator("backend")
    @classmethod
    def _can_be_fitted(cls, name: str) -> str:
        try:
            check_installed(name)
        except (UnknownBackendError, BackendMissingError) as error:
            raise ValueError(str(error)) from error
        return name
