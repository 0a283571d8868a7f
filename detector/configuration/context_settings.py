"""What people know of their devices, as settings: maintenance windows, expected ranges, when a machine is off."""

from __future__ import annotations

from datetime import datetime, time
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from detector.configuration.maintenance import DAYS, Dated, Weekly

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected the name of a time zone, such as UTC or Europe/Berlin") from None
    return name


class Rule(BaseModel):
    """Something that is true of all devices whose name fits a pattern."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    devices: str = Field("*", min_length=1, description="name of a device; * stands for anything, ? for one character")

    def fits(self, device: str) -> bool:
        """Tell whether it is true of a device."""
        return fnmatchcase(device, self.devices)


class MaintenanceRule(Rule):
    """People work on the machines: every week at these times, or once between two dates."""

    begin: time | datetime = Field(alias="from", description="02:00 of every day named, or a date and time")
    until: time | datetime = Field(description="the end, of the same kind; 04:00 before 22:00 is that of the next day")
    days: tuple[Day, ...] = Field((), description="monday … sunday; none means every day")
    zone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="whose clock is meant")

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if isinstance(self.begin, datetime) != isinstance(self.until, datetime):
            raise ValueError("from and until: expected two times of day, or two dates with times")
        if isinstance(self.begin, datetime) and self.days:
            raise ValueError("days: expected only with times of day, not with dates")
        if isinstance(self.begin, time) and (self.begin.tzinfo or getattr(self.until, "tzinfo", None)):
            raise ValueError("from and until: expected times of day without a zone; `zone` names it")
        window = self.window()
        if isinstance(window, Dated) and window.since >= window.until:
            raise ValueError("until: expected a time after from")
        if self.begin == self.until:
            raise ValueError("until: expected another time than from")
        return self

    def window(self) -> Weekly | Dated:
        """Return the span or spans of time."""
        if isinstance(self.begin, datetime) and isinstance(self.until, datetime):
            return Dated(_epoch(self.begin, self.zone), _epoch(self.until, self.zone))
        begin, until = _seconds(self.begin), _seconds(self.until)
        days = frozenset(DAYS.index(day) for day in self.days or DAYS)
        return Weekly(days, begin, until, ZoneInfo(self.zone))


class RangeRule(Rule):
    """Values of a metric below `low` or above `high` are an incident, whatever was learned."""

    metric: str = Field(min_length=1, max_length=128, description="its name")
    low: float | None = Field(None, allow_inf_nan=False, description="lowest value that is right")
    high: float | None = Field(None, allow_inf_nan=False, description="highest value that is right")

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("expected low, high or both")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"high = {self.high:g}: expected more than low = {self.low:g}")
        return self


class OffSetting(Rule):
    """The machine is off while a metric is below a value."""

    metric: str = Field(min_length=1, max_length=128, description="its name")
    below: float = Field(allow_inf_nan=False, description="the value")


def _epoch(moment: datetime, zone: str) -> float:
    """Return epoch s; a time without a zone is on the clock of `zone`."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp()


def _seconds(moment: time | datetime) -> float:
    return moment.hour * 3600.0 + moment.minute * 60.0 + moment.second
