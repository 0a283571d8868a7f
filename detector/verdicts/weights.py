"""How much each metric adds to a finding in the newest row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.verdicts.evidence import deviations, leading, shares
from detector.verdicts.prediction import credible

if TYPE_CHECKING:
    from detector.models.scorer import Scorer
    from detector.rows.stream import Stream
    from detector.verdicts.findings import Finding

_OF_DEVICE = frozenset({"silence", "clock"})  # no metric is at fault
_PAIR = 2  # metrics


def accuses(finding: Finding) -> bool:
    """Tell whether a finding says by itself what is at fault: one metric, or the device as a whole."""
    return finding.metric >= 0 or finding.kind in _OF_DEVICE


def weights_of(stream: Stream, scorer: Scorer | None, finding: Finding) -> dict[str, float]:
    """Return how much each metric adds; one metric alone where the finding names it, none where the device is it."""
    if finding.metric >= 0:
        return {stream.roster.metrics[finding.metric]: 1.0}
    if scorer is None or accuses(finding):
        return {}
    # Two metrics disagree with each other as much as the other way round: the one that is farther out tells more.
    beside = finding.incoherent and len(scorer.columns) > _PAIR
    parts = shares(scorer.disagreements() * credible(stream, scorer) if beside else deviations(scorer))
    return {name: float(part) for name, part in zip(scorer.model.metrics, parts, strict=True)}


def leading_metric(stream: Stream, scorer: Scorer | None, finding: Finding) -> str:
    """Return the metric that says most; the empty text where none does."""
    return leading(weights_of(stream, scorer, finding))
