"""Settings of the producer."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from producer.pacing import MAX_AHEAD
from producer.simulator.scenario_files import load_scenario
from runtime.settings import ServiceSettings


class ProducerSettings(ServiceSettings):
    """What the producer can be told."""

    table: ClassVar[str] = "producer"

    scenario: str = Field("factory", description="name of a scenario (factory, quiet, storm, fleet) or a TOML file")
    seed: int = Field(1, ge=0, description="of everything drawn; the same seed gives the same stream")
    speed: Annotated[float, Field(gt=0, allow_inf_nan=False)] | Literal["max"] = Field(
        1.0, description="1 is real time; another number or max replays simulated time under a run of its own"
    )
    duration: float | None = Field(None, gt=0, description="seconds of simulated time; the producer ends after them")
    run: str | None = Field(None, min_length=1, max_length=64, description="name of the run; implies the replay clock")
    max_ahead: int = Field(MAX_AHEAD, ge=1, description="readings sent ahead of the detector's position at most")

    @field_validator("scenario")
    @classmethod
    def _loads(cls, name: str) -> str:
        load_scenario(name)
        return name

    @property
    def live(self) -> bool:
        """Whether the readings carry the device's clock: real time and no run asked for."""
        return self.speed == 1 and self.run is None

    @property
    def pace(self) -> float:
        """Seconds of simulated time per second; infinite for as fast as the detector takes it."""
        return math.inf if self.speed == "max" else float(self.speed)
