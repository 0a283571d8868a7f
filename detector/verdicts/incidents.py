"""One trouble, one incident: when it opens, is updated, closes and opens again. Pure; times are epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.anomaly import Kind, Phase, Severity
    from detector.configuration.config import DetectionConfig

_OF_VALUES = frozenset({"spike", "level_shift", "drift", "noise", "correlation", "out_of_range"})
_HIGHER_PEAK = 1.3  # an update out of turn must exceed the published peak by this factor, in decades


@dataclass(slots=True)
class IncidentTracker:
    """The newest incident of a device.

    Attributes:
        id: of the newest incident, open or closed; None before the first.
        open: whether it is open.
        kind: what it was last called.
        opened_at, updated_at, abnormal_at, closed_at: when it opened, was last published, last abnormal, closed.
        abnormal: abnormal readings so far; `abnormal_before` of them before it was opened again.
        quiet: readings since the last abnormal one.
        peak: highest decades (minus log10 of the tail probability) so far; `told` the highest published.
        rows: readings since it opened, or opened again at `began_at`.
        severity: the worst so far.
        metric: that said most when it opened; the empty text for the device as a whole.
        lead: the metric that has added most to the evidence so far.
        heard_at: when a device that was silent was heard again, epoch s; 0 while it is not, and for any other trouble.
        since: when what is stuck last moved, or what is missing was last seen, epoch s; 0 for any other trouble.
        muted: people want no word of what it looks like now; `announced` whether they have had one.
        usual_until: epoch s until which it is what comes every day at this time, as far as was known when it opened; 0
            if it is not.
    """

    id: str | None = None
    open: bool = False
    kind: Kind = "spike"
    opened_at: float = 0.0
    updated_at: float = 0.0
    abnormal_at: float = 0.0
    closed_at: float = 0.0
    abnormal: int = 0
    abnormal_before: int = 0
    quiet: int = 0
    rows: int = 0
    began_at: float = 0.0
    peak: float = 0.0
    told: float = 0.0
    severity: Severity = "info"
    metric: str = ""
    lead: str = ""
    muted: bool = False
    announced: bool = False
    since: float = 0.0
    heard_at: float = 0.0
    usual_until: float = 0.0

    @property
    def lately(self) -> int:
        """Abnormal readings since it opened, or opened again."""
        return self.abnormal - self.abnormal_before

    @property
    def usual(self) -> bool:
        """Whether it is open, and not told because the like of it keeps coming back."""
        return self.open and self.muted and self.usual_until > 0.0

    @property
    def first_at(self) -> float:
        """When it began, epoch s: silence does with the last that was heard."""
        return (self.since if self.kind == "silence" else 0.0) or self.opened_at

    @property
    def over_at(self) -> float:
        """When the trouble ended, epoch s; the quiet since then only proves it."""
        return max(self.abnormal_at, self.heard_at)

    def opens(  # noqa: PLR0913, PLR0917 - what an incident begins with
        self, config: DetectionConfig, at: float, decades: float, new_id: str, kind: Kind, metric: str
    ) -> Phase:
        """Open an incident at `at`, or the last one again if it closed a moment ago and was about the same.

        That is the same metric, and what its values do: a sensor that gives none any more, or a device that has gone
        silent, is another trouble.
        """
        recent = self.id is not None and at - self.closed_at <= config.reopen_seconds
        alike = kind == self.kind or {kind, self.kind} <= _OF_VALUES
        again = recent and metric == self.metric and alike
        self.metric = self.lead = metric
        if not again:
            self.id = new_id
            self.opened_at = at
            self.abnormal = 0
            self.peak = 0.0
            self.announced = False
            self.severity = "info"
        self.open = True
        self.kind = kind
        self.abnormal_before = self.abnormal
        self.rows = 0
        self.since = self.heard_at = self.usual_until = 0.0
        self.began_at = at
        self.quiet = 0
        self.abnormal += 1
        self.abnormal_at = self.updated_at = at
        self.peak = self.told = max(self.peak, decades)
        return "reopen" if again else "open"

    def goes_on(self, config: DetectionConfig, at: float, decades: float, *, abnormal: bool) -> Phase | None:
        """Take one more reading of an open incident; return the phase to publish, if any."""
        self.rows += 1
        if abnormal:
            return self._abnormal(config, at, decades)
        self.quiet += 1
        if self.quiet >= config.quiet_rows and at - self.abnormal_at >= config.quiet_seconds:
            self.close(at)
            return "close"
        return None

    def close(self, at: float) -> None:
        """Close the incident."""
        self.open = False
        self.closed_at = at

    def _abnormal(self, config: DetectionConfig, at: float, decades: float) -> Phase | None:
        self.abnormal += 1
        self.abnormal_at = at
        self.quiet = 0
        self.peak = max(self.peak, decades)
        due = at - self.updated_at >= config.update_every
        if not due and self.peak < _HIGHER_PEAK * self.told:
            return None
        self.updated_at = at
        self.told = self.peak
        return "update"
