"""What services and people say about the pipeline itself: states, receipts, dead letters, feedback, commands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from contracts.anomaly import Id, Model
from contracts.reading import DeviceName, MetricName

MAX_DEAD_LETTER_BYTES = 65_536
MAX_WRITTEN_LETTER_BYTES = 2 * MAX_DEAD_LETTER_BYTES  # its payload in base64, and the rest

DeviceState = Literal["learning", "ready", "retraining", "anomalous", "silent", "offline"]


class Receipt(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Anomalies that need not be sent again: stored (also when they were stored before), or refused for good."""

    stored: tuple[Id, ...] = ()
    rejected: tuple[Id, ...] = ()


class DeadLetter(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A message that could not be used; `payload` is base64 of at most its first 64 KiB, `size` the whole length."""

    reason: str
    detail: str
    topic: str
    payload: bytes
    size: int
    service: str
    received_at: datetime
    device: DeviceName | None = None


class DeviceStatus(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the detector knows of a device; `learned` of `needed` rows while it is learning.

    `quieted` counts the false positives whose look-alikes stay silent, `recurring` the incidents of the last week that
    were not told because the like of them comes every day; `maintenance` says that nothing opens now. In
    `units` stand the metrics whose unit is known.
    """

    device: DeviceName
    state: DeviceState
    since: datetime
    readings: int
    learned: int = 0
    needed: int = 0
    metrics: tuple[MetricName, ...] = ()
    units: dict[MetricName, str] = {}
    last_reading_at: datetime | None = None
    incident: Id | None = None
    model: Model | None = None
    quieted: int = 0
    recurring: int = 0
    maintenance: bool = False


class Score(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Values and expectation of a device's newest reading; at most one a second, not kept by the broker."""

    device: DeviceName
    measured_at: datetime
    score: float
    values: dict[MetricName, float | None]
    expected: dict[MetricName, float]
    lower: dict[MetricName, float]
    upper: dict[MetricName, float]


class ServiceNotice(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a user should know of a device; `reason` is one word, `at` when it was noticed."""

    device: DeviceName
    reason: str
    words: Annotated[str, Meta(max_length=300)]
    at: datetime


class ServiceStatus(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A service's birth, will and progress.

    `position` maps a run (or "live") to the readings taken in; publishers pace themselves on it. `counters` are totals
    since the service started. `notices` say what was left out, what changed and whose clock is wrong; the
    newest come last.
    """

    service: str
    instance: str
    state: Literal["online", "offline"]
    version: str = ""
    since: datetime | None = None
    at: datetime | None = None
    position: dict[str, int] | None = None
    counters: dict[str, float] | None = None
    notices: tuple[ServiceNotice, ...] = ()


class Feedback(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a person says of an incident; `until` goes with `snoozed`."""

    incident: Id
    verdict: Literal["confirmed", "false_positive", "undo", "acknowledged", "snoozed"]
    at: datetime
    by: Annotated[str, Meta(max_length=64)] | None = None
    note: Annotated[str, Meta(max_length=1000)] | None = None
    until: datetime | None = None


class Command(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An operator's order to a service; answered under `services/…/commands`."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: str
    device: DeviceName | None = None
    arguments: dict[str, Any] | None = None


class Answer(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a service says to a command, or the detector to feedback: `id` is the command's, or the incident.

    `error` says why it was not done, `result` holds what was asked for.
    """

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    ok: bool
    error: str | None = None
    device: DeviceName | None = None
    result: dict[str, Any] | None = None
    at: datetime | None = None
