from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.configuration.config import DetectionConfig
from detector.models.judgement import Judgement
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


@pytest.mark.parametrize(("complete", "single"), [(True, False), (False, True), (True, True)])
def test_usual_readings_that_are_odd_together_are_no_alarms(complete: bool, single: bool) -> None:  # noqa: FBT001 - a case
    """A usual reading amid lasting evidence opens an incident, but is no alarm itself, nor ranked as one."""
    alarm, score = verdict(LASTING, USUAL, DetectionConfig(), complete=complete, single=single)
    assert not alarm
    assert score == USUAL.surprise


def test_while_the_reference_grows_all_evidence_is_an_alarm() -> None:
    """With little known, lasting evidence makes a reading an alarm and its score."""
    alarm, score = verdict(LASTING, USUAL, DetectionConfig(), complete=False, single=False)
    assert alarm
    assert score > 0.5


def test_what_a_rule_sees_is_an_alarm_in_the_upper_half() -> None:
    """A gross value of a metric alone is an alarm, whatever its residuals say."""
    gross = Finding(1e-4, opens=False, keeps=True, metric=0)
    alarm, score = verdict(gross, USUAL, DetectionConfig(), complete=False, single=True)
    assert alarm
    assert score == pytest.approx(0.55)


@pytest.mark.parametrize("surprise", [0.01, 0.3, 0.49, 0.5, 0.7, 0.99])
def test_with_a_complete_reference_alarms_stand_in_the_upper_half(surprise: float) -> None:
    """A reading is scored above one half if it is an alarm, and only then, however odd the ones before it were."""
    odd = msgspec.structs.replace(USUAL, surprise=surprise)
    alarm, low = verdict(None, odd, DetectionConfig(), complete=True, single=False)
    assert not alarm
    assert low < 0.5
    rare = msgspec.structs.replace(odd, score=1e-4, alarm=1e-4)
    alarm, high = verdict(None, rare, DetectionConfig(), complete=True, single=False)
    assert alarm
    assert high > 0.5


@given(st.lists(st.integers(0, 999), min_size=2, max_size=2, unique=True), st.booleans())
def test_readings_of_one_verdict_are_ranked_by_their_oddity(pair: list[int], rare: bool) -> None:  # noqa: FBT001 - a case
    """Of two alarms, and of two that are none, the odder one has the higher score."""
    level = 1e-4 if rare else 0.4
    judgements = [msgspec.structs.replace(USUAL, surprise=n / 1000, score=level, alarm=level) for n in sorted(pair)]
    low, high = (verdict(None, j, DetectionConfig(), complete=True, single=False)[1] for j in judgements)
    assert low < high
