"""What the API answers with, beside the messages of the bus that it passes on as they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from contracts.alert import Alert
from contracts.anomaly import Anomaly, Kind, Severity, Window
from contracts.service import Answer, DeviceStatus, Feedback, ServiceStatus
from web.api.windows import ContributionsWindow, ProjectionAnswer, ReadingsWindow
from web.live.tiles import Tile

JSON = "application/json"


class Problem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What went wrong, as RFC 9457 says it; `errors` names each wrong field and what was expected there."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: list[dict[str, str]] | None = None


class AlertPage(Struct, frozen=True, kw_only=True):
    """Some alerts, newest first; `next` goes into `after` for the ones behind them, null when there are none."""

    items: list[Alert]
    next: str | None


class EarlierIncident(Struct, frozen=True, kw_only=True):
    """An earlier incident of the device, how alike it is (0 to 1), and what people said of it."""

    alert: Alert
    likeness: float
    said: list[Feedback]


class IncidentAnswer(Struct, frozen=True, kw_only=True):
    """Everything about one incident; `anomalies` are stored ones, oldest first, `window` rows around the opening.

    `watched`: the device has been heard of since the page's start, so its readings can be asked for.
    """

    alert: Alert
    watched: bool
    anomalies: list[Anomaly]
    window: Window | None
    similar: list[EarlierIncident]


class IncidentSpan(Struct, frozen=True, kw_only=True):
    """When an incident was, for a chart."""

    incident: str
    device: str
    opened_at: datetime
    closed_at: datetime | None
    severity: Severity
    status: str
    kind: Kind
    label: str


class IncidentList(Struct, frozen=True, kw_only=True):
    """Incidents, newest first."""

    items: list[IncidentSpan]


class Spark(Struct, frozen=True, kw_only=True):
    """The newest values of one metric, oldest first: `times` in seconds since 1970."""

    metric: str
    times: list[float]
    values: list[float | None]


class DeviceItem(Struct, frozen=True, kw_only=True):
    """A device in a list, with the small picture of its newest values."""

    tile: Tile
    spark: Spark | None


class DevicePage(Struct, frozen=True, kw_only=True):
    """Devices: those in trouble first, then by name; `next` goes into `after`. `counts` counts all, by state."""

    items: list[DeviceItem]
    next: str | None
    counts: dict[str, int]


class DeviceAnswer(Struct, frozen=True, kw_only=True):
    """All that is known of a device now; `status` is the detector's own word, null when it has said none."""

    tile: Tile
    status: DeviceStatus | None
    metrics: list[str]
    rows: int


class ModelItem(Struct, frozen=True, kw_only=True):
    """One version of a device's model: the rows it was fitted on, why, and whether its file is still what was saved."""

    device: str
    backend: str
    version: int
    scope: str
    since: datetime | None
    active: bool
    rows: int | None = None
    reason: str | None = None
    intact: bool = True


class ModelList(Struct, frozen=True, kw_only=True):
    """Models; a device's newest version comes first."""

    items: list[ModelItem]


class Sent(Struct, frozen=True, kw_only=True):
    """What was sent over the bus; a command's answer can be asked for by its `id`."""

    id: str
    at: datetime


class CommandState(Struct, frozen=True, kw_only=True):
    """Whether a command was answered, and how."""

    id: str
    answer: Answer | None


class Pipeline(Struct, frozen=True, kw_only=True):
    """How the pipeline is: devices by state, readings a second, what waits, what the language model did and cost.

    Calls, tokens and cost of the model are those of the last 24 hours. `stages` gives each service's state; the stream
    of events leaves `services` empty.
    """

    broker: bool
    database: bool
    devices: dict[str, int]
    readings_per_s: float | None
    anomalies: float
    waiting: float
    model: str
    model_calls: float
    model_tokens: float
    model_cost: float
    stages: dict[str, str]
    services: list[ServiceStatus]


class Visitor(Struct, frozen=True, kw_only=True):
    """Who is there; `login` tells whether one is asked for, `methods` by what."""

    login: bool
    name: str | None
    method: str
    version: str


MESSAGES: tuple[Any, ...] = (
    Problem,
    AlertPage,
    Alert,
    IncidentAnswer,
    IncidentList,
    DevicePage,
    DeviceAnswer,
    ReadingsWindow,
    ContributionsWindow,
    ProjectionAnswer,
    ModelList,
    Sent,
    CommandState,
    Pipeline,
    Visitor,
)
