"""The verdict on one reading: whether it is an alarm, and its score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.verdicts import confidence

if TYPE_CHECKING:
    from detector.configuration.config import DetectionConfig
    from detector.models.judgement import Judgement
    from detector.verdicts.findings import Finding

_MARGIN = 0.05  # of scores that stand on the wrong side of one half


def verdict(
    finding: Finding | None, judgement: Judgement | None, config: DetectionConfig, *, complete: bool, single: bool
) -> tuple[bool, float]:
    """Return alarm and score, 0 to 1.

    While the reference grows, every finding is an alarm, and the score is that of the rarest thing found. With a
    `complete` one, and for a `single` metric, a reading is an alarm when its own score is rare, or when
    something else in it alone opens an incident; that many readings together are odd, or the same, makes an incident,
    but no single one of them an alarm. The score then ranks readings by how odd the model finds them; what only a rule
    sees stands in the upper half.
    """
    if judgement is None:
        return finding is not None, confidence.score(finding.probability if finding else 1.0)
    stuck = finding is not None and finding.kind == "stuck"
    beside_model = finding is not None and (finding.by_rule or finding.metric >= 0)
    ruled = finding is not None and beside_model and not (stuck or finding.lasting)
    ranked = 0.5 + 0.5 * judgement.surprise if ruled else judgement.surprise
    if not (complete or single):
        rarest = min(judgement.least, finding.probability if finding else 1.0)
        return finding is not None, confidence.score(rarest)
    if ruled:
        return True, ranked
    settled = judgement.alarm > judgement.score
    opens = finding is not None and finding.opens and not (finding.lasting or settled or stuck)
    alarm = judgement.alarm <= config.alarm_level or opens
    return alarm, ranked if single else _on_its_side(ranked, alarm=alarm)


def _on_its_side(score: float, *, alarm: bool) -> float:
    """Return a score above one half for an alarm, else below it; in its order, and as it is unless near to the half."""
    return max(score, 0.5 + _MARGIN * score) if alarm else min(score, 0.5 - _MARGIN * (1.0 - score))
