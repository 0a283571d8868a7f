"""What the API is asked with: times, names and words, checked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from contracts.topics import decode_level

Incident = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="id of the incident")]
DeviceLevel = Annotated[
    str,
    Path(min_length=1, max_length=1000, description="the device as in its topic: `%2F` (sent as `%252F`) for a slash"),
]


def _written(value: object) -> object:
    """Let a time through only as RFC 3339 writes it: a bare number is none."""
    if isinstance(value, (int, float)) or (isinstance(value, str) and "-" not in value[1:]):
        raise ValueError("expected a time such as 2026-01-31T12:00:00Z")
    return value


Time = Annotated[datetime, BeforeValidator(_written)]
Since = Annotated[Time | None, Query(description="at or after this time")]
Until = Annotated[Time | None, Query(description="before this time")]
Limit = Annotated[int, Query(ge=1, le=200, description="at most so many")]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
Text128 = Annotated[str, Query(min_length=1, max_length=128)]


class FeedbackBody(BaseModel):
    """What a person says of an incident."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["confirmed", "false_positive", "undo", "acknowledged", "snoozed"]
    note: str | None = Field(None, max_length=1000, description="in the person's own words")
    until: Time | None = Field(None, description="of a snooze; an hour from now when left out")
    by: str | None = Field(None, max_length=64, description="who says so; the user's name where there is a login")


class CommandBody(BaseModel):
    """An order to a service."""

    model_config = ConfigDict(extra="forbid")

    service: Literal["detector", "explainer"]
    name: Literal["retrain", "rollback", "explain"]
    device: str | None = Field(None, min_length=1, max_length=128)
    version: int | None = Field(None, ge=1, le=2**31, description="of the model, for a rollback; else the one before")
    incident: str | None = Field(None, pattern="^[0-9a-f]{32}$", description="to explain again")


class LoginBody(BaseModel):
    """Who wants in: a token, or a name and a password."""

    model_config = ConfigDict(extra="forbid")

    token: str | None = Field(None, max_length=500)
    name: str | None = Field(None, max_length=64)
    password: str | None = Field(None, max_length=500)


def device_name(level: str) -> str:
    """Read a device's name from its part of the path."""
    return decode_level(level)


def utc(time: datetime | None) -> datetime | None:
    """Bring a time to UTC; one without a zone is taken for UTC, as is one that a calendar cannot hold there."""
    if time is None:
        return None
    if time.tzinfo is None:
        return time.replace(tzinfo=UTC)
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return time.replace(tzinfo=UTC)


def epoch(time: datetime | None, otherwise: float) -> float:
    """Write a time as seconds since 1970."""
    moment = utc(time)
    return otherwise if moment is None else moment.timestamp()
