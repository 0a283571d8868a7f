"""Alert: what a person is told of an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from contracts.anomaly import Contribution, Fraction, Id, Kind, Severity
from contracts.reading import DeviceName

Status = Literal["open", "closed", "acknowledged", "snoozed"]
Source = Literal["evidence", "llm", "cache"]
Verdict = Literal["confirmed", "false_positive"]


class Cause(Struct, frozen=True, kw_only=True):
    """One probable cause; a hypothesis, never a finding."""

    cause: str
    confidence: Fraction


class Explanation(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where label and reason come from, and what they cost.

    `source` is `evidence` for the deterministic text, `llm` for a model's answer, `cache` for an earlier answer reused.
    `pending` says that a model's answer is still owed. `grounded` is None where no model spoke. `doubtful` holds a
    model's words that the evidence does not bear out: shown after the evidence text, marked, or not at all. `devices`
    is how many devices of a site incident share one answer.
    """

    source: Source
    provider: str | None = None
    model: str | None = None
    template: str | None = None
    latency_ms: float | None = None
    tokens: int | None = None
    cost: float | None = None
    grounded: bool | None = None
    pending: bool = False
    error: str | None = None
    doubtful: Annotated[str, Meta(max_length=1000)] | None = None
    devices: int | None = None


class EarlierIncident(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An earlier incident of the device that resembles this one, and what people said of it last."""

    incident: Id
    opened_at: datetime
    kind: Kind
    label: str
    verdict: str | None = None
    note: str | None = None


class Evidence(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What was computed, never guessed; `text` says it in sentences, `earlier` what it resembles, most alike first."""

    kind: Kind
    text: str
    score: Fraction
    confidence: Fraction
    contributions: tuple[Contribution, ...] = ()
    decision: float | None = None
    rarity_days: float | None = None
    watched_days: float | None = None
    readings: int = 0
    peak: Fraction = 0.0
    earlier: tuple[EarlierIncident, ...] = ()


class Alert(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One incident as a person hears of it; published again whenever it changes.

    `verdict` is what people said of it last, `snoozed_until` goes with the status `snoozed`. `site_incident` is
    shared by the alerts of devices that failed together.
    """

    incident: Id
    device: DeviceName
    status: Status
    opened_at: datetime
    updated_at: datetime
    severity: Severity
    confidence: Fraction
    label: Annotated[str, Meta(max_length=120)]
    reason: Annotated[str, Meta(max_length=2000)]
    evidence: Evidence
    explanation: Explanation
    closed_at: datetime | None = None
    causes: tuple[Cause, ...] = ()
    actions: tuple[str, ...] = ()
    run: str | None = None
    verdict: Verdict | None = None
    snoozed_until: datetime | None = None
    site_incident: Id | None = None
    schema: Literal[1] = 1
