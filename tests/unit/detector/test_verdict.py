from __future__ import annotations

import pytest

from detector.configuration.config import DetectionConfig
from detector.models.scorer import Judgement
from detector.verdicts.findings import Finding
from detector.verdicts.verdict import verdict

USUAL = Judgement(
    score=0.4,
    extreme=1.0,
    apart=1.0,
    lasting=1e-6,
    incoherent=False,
    surprise=0.1,
    alarm=0.4,
    raw=(0.5, 1.0, 1.0),
    decision=0.1,
)
LASTING = Finding(1e-6, opens=True, keeps=True, lasting=True)


@pytest.mark.parametrize(("complete", "alone"), [(True, False), (False, True), (True, True)])
def test_usual_readings_that_are_odd_together_are_no_alarms(complete: bool, alone: bool) -> None:  # noqa: FBT001 - a case
    """A usual reading amid lasting evidence opens an incident, but is no alarm itself, nor ranked as one."""
    alarm, score = verdict(LASTING, USUAL, DetectionConfig(), complete=complete, alone=alone)
    assert not alarm
    assert score == USUAL.surprise


def test_while_the_reference_grows_all_evidence_is_an_alarm() -> None:
    """With little known, lasting evidence makes a reading an alarm and its score."""
    alarm, score = verdict(LASTING, USUAL, DetectionConfig(), complete=False, alone=False)
    assert alarm
    assert score > 0.5


def test_what_a_rule_sees_is_an_alarm_in_the_upper_half() -> None:
    """A gross value of a metric alone is an alarm, whatever its residuals say."""
    gross = Finding(1e-4, opens=False, keeps=True, metric=0)
    alarm, score = verdict(gross, USUAL, DetectionConfig(), complete=False, alone=True)
    assert alarm
    assert score == pytest.approx(0.55)
