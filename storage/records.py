"""What the database holds, as values: alerts with their bookkeeping, attempts at explaining, what was refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.alert import Alert, Verdict
    from contracts.anomaly import Anomaly

ExplanationState = Literal["none", "owed", "running", "done", "failed"]
Handling = Literal["acknowledged", "snoozed"]
Outcome = Literal["running", "explained", "ungrounded", "invalid", "error", "interrupted", "cached", "shared"]


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert and what it takes to merge further news of its incident in any order.

    Attributes:
        phase: what the detector said last; the alert's status follows from it and from `handling`.
        phase_at: when the detector said it, by its own clock.
        phase_order: the place of that word among all words about this incident; a smaller one changes nothing.
        evidence_order: the rank of the anomaly whose evidence is shown; a greater one replaces it.
        handling: what a person did at `handled_at`; it ends when the incident opens again.
        explanation_state: whether a model's answer is owed, being fetched, there, or given up.
        owed_since: when it was first owed, by the explainer's clock.
        reminded_at: when people last heard that the trouble lasts.
    """

    alert: Alert
    phase: Literal["open", "closed"]
    phase_at: datetime
    phase_order: str
    evidence_order: str
    handling: Handling | None = None
    handled_at: datetime | None = None
    snoozed_until: datetime | None = None
    verdict: Verdict | None = None
    explanation_state: ExplanationState = "none"
    owed_since: datetime | None = None
    reminded_at: datetime | None = None


@dataclass(slots=True)
class Opening:
    """When an incident opened, and the site incident that it belongs to, if any."""

    incident: str
    device: str
    run: str | None
    at: datetime
    site: str | None


@dataclass(frozen=True, slots=True)
class StoredAnomaly:
    """An anomaly and the JSON it came as."""

    anomaly: Anomaly
    body: str
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """A message owed to the broker; `id` gives the order."""

    id: int
    topic: str
    payload: bytes
    retain: bool


@dataclass(frozen=True, slots=True)
class Notification:
    """A message owed to an output such as a webhook; `body` is written and read by the explainer alone."""

    output: str
    news: str
    severity_rank: int
    body: str
    queued_at: datetime
    next_at: datetime
    incident: str | None = None
    attempts: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at explaining an incident: what was asked of whom, what it cost, how it ended.

    `requests` counts what went over the wire, repeats and repairs among them. `cost` is in the price table's currency.
    `cached` and `shared` attempts asked nobody: they took the answer of an incident with the same `fingerprint`, or of
    the same site incident.
    """

    incident: str
    started_at: datetime
    provider: str
    model: str
    template: str
    outcome: Outcome = "running"
    requests: int = 0
    latency_ms: float | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: float | None = None
    grounded: bool | None = None
    error: str | None = None
    answer: str | None = field(default=None, repr=False)
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """What explaining took in a span of time."""

    requests: int
    tokens: int
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class BudgetStop:
    """A moment from which no more could be asked: which budget, how much of it was used, how many incidents waited."""

    at: datetime
    budget: str
    used: float
    allowed: float
    owed: int
