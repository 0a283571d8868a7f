from __future__ import annotations

import dataclasses
from datetime import timedelta
from functools import reduce
from itertools import permutations
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.anomaly import Contribution
from contracts.service import Feedback
from explainer.evidence import Describer
from explainer.incidents.handling import Change, apply_feedback, wake
from explainer.incidents.incidents import merge
from explainer.words.knowledge import load_knowledge
from tests.unit.explainer.anomalies import START, anomaly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.anomaly import Anomaly, Phase
    from storage.records import AlertRecord

DESCRIBE = Describer(load_knowledge())
LIFE = [
    anomaly("open", 0, severity="minor", score=0.9),
    anomaly("update", 5, severity="major", score=0.95, readings=4),
    anomaly("update", 9, severity="major", score=0.99, readings=6),
    anomaly("close", 300, severity="major", readings=6),
    anomaly("reopen", 400, severity="minor", readings=7),
    anomaly("update", 410, severity="critical", readings=9),
    anomaly("close", 900, severity="critical", readings=9),
]


def merged(anomalies: Sequence[Anomaly]) -> AlertRecord:
    """Merge anomalies in the order given."""
    first = merge(None, anomalies[0], DESCRIBE)
    return reduce(lambda change, one: merge(change.record, one, DESCRIBE), anomalies[1:], first).record


def news_of(anomalies: Sequence[Anomaly]) -> list[str]:
    """Return the news of each anomaly in turn."""
    record: AlertRecord | None = None
    news: list[str] = []
    for one in anomalies:
        change = merge(record, one, DESCRIBE)
        record = change.record
        news.append(change.news)
    return news


def said(record: AlertRecord, verdict: str, after_s: float, until_s: float | None = None) -> Change:
    """Apply a person's word."""
    until = None if until_s is None else START + timedelta(seconds=until_s)
    at = START + timedelta(seconds=after_s)
    word = Feedback(incident=record.alert.incident, verdict=verdict, at=at, until=until)  # type: ignore[arg-type]
    return apply_feedback(record, word)


def test_each_phase_is_news_once() -> None:
    """An incident is heard of when it opens, worsens, closes and opens again; a mere update is none."""
    assert news_of(LIFE) == ["opened", "worsened", "updated", "closed", "reopened", "worsened", "closed"]


def test_what_came_before_is_no_news() -> None:
    """Every anomaly delivered a second time changes nothing."""
    record = merged(LIFE)
    assert [merge(record, one, DESCRIBE) for one in LIFE] == [Change(record, "none")] * len(LIFE)


@settings(deadline=None)
@given(st.permutations(LIFE), st.lists(st.sampled_from(LIFE)))
def test_order_and_repetition_do_not_matter(order: list[Anomaly], again: list[Anomaly]) -> None:
    """The same anomalies give the same alert in whatever order and however often they arrive."""
    assert merged([*order, *again]) == merged(LIFE)


@given(st.integers(1, len(LIFE)))
def test_status_follows_the_latest_phase(length: int) -> None:
    """After any beginning of its life an incident is closed if and only if closing was the last word."""
    record = merged(LIFE[:length])
    last = [one.incident.phase for one in LIFE[:length] if one.incident.phase != "update"][-1]
    assert (record.alert.status == "closed") == (last == "close")
    assert (record.alert.closed_at is None) == (last != "close")


def test_a_late_phase_does_not_undo_a_later_one() -> None:
    """A reopening that arrives after the closing that followed it leaves the alert closed."""
    assert merged([LIFE[0], LIFE[6], LIFE[4], LIFE[3]]).alert.status == "closed"


def test_a_second_life_of_one_reading_ends_too() -> None:
    """What came back for a single reading is over with its end, in whatever order the two arrive."""
    back, over = anomaly("reopen", 400, readings=7), anomaly("close", 400, readings=7)
    assert news_of([*LIFE[:4], back, over])[-2:] == ["reopened", "closed"]
    assert merged([*LIFE[:4], over, back]).alert.status == "closed"


def test_a_clock_set_back_does_not_keep_an_incident_open() -> None:
    """The end of an incident counts even when the detector's clock was put back in between."""
    closed = anomaly("close", -3600, readings=6)
    assert merged([*LIFE[:3], closed]).alert.status == "closed"


def test_the_most_severe_evidence_is_shown() -> None:
    """Label and evidence are of the first among the most severe anomalies, extremes of them all."""
    evidence = merged(LIFE[:4]).alert.evidence
    assert (evidence.score, evidence.peak, evidence.readings) == (0.95, 0.99, 6)


def test_a_trouble_is_called_what_it_turned_out_to_be() -> None:
    """What began like a spike and lasted is named and described after its better known evidence, in any order."""
    began = anomaly("open", 0, kind="spike")
    turned_out = anomaly("update", 30, kind="level_shift", readings=30)
    for order in ([began, turned_out], [turned_out, began]):
        alert = merged(order).alert
        assert alert.evidence.kind == "level_shift"
        assert alert.label == DESCRIBE(turned_out).label


def test_a_trouble_that_turned_out_at_its_end_is_renamed() -> None:
    """A closing anomaly with evidence of the whole has the last word on label, reason and figures, in any order."""
    began = anomaly("open", 0, kind="spike")
    ended = replace(anomaly("close", 60, kind="level_shift", readings=9), contributions=began.contributions)
    for order in ([began, ended], [ended, began]):
        alert = merged(order).alert
        assert (alert.status, alert.evidence.kind) == ("closed", "level_shift")
        assert alert.label == DESCRIBE(ended).label
        assert "so far" not in alert.evidence.text


def second_life(phase: Phase = "reopen", after_s: float = 400, readings: int = 7) -> Anomaly:
    """Make an anomaly of an incident that opened again at 400 s: lower now, and not as bad."""
    low = Contribution(metric="temperature", share=1.0, observed=61.0, expected=70.1, lower=65.0, upper=75.0, unit="°C")
    return anomaly(
        phase, after_s, severity="minor", kind="spike", readings=readings, contributions=(low,), began_after_s=400
    )


def test_an_incident_that_comes_back_is_told_as_it_is_now() -> None:
    """The second life of an incident is named, described and dated by its own evidence, in any order of arrival."""
    lives = [*LIFE[:4], second_life()]
    for order in permutations(lives):
        alert = merged(order).alert
        assert alert.label == "temperature dropped suddenly"
        assert "since 2026-11-22 06:06:40 UTC" in alert.reason
        assert alert.opened_at == START
        assert alert.severity == "major", "the worst of both lives"


def explained(record: AlertRecord) -> AlertRecord:
    """Give an alert a model's words."""
    alert = record.alert
    words = msgspec.structs.replace(alert.explanation, source="llm", model="m", tokens=500, grounded=True)
    return dataclasses.replace(record, alert=msgspec.structs.replace(alert, label="Overheating", explanation=words))


def test_a_models_words_end_with_the_trouble_they_were_about() -> None:
    """Words for the first life stay when the same comes back, and give way where it is something else; costs stay."""
    closed = explained(merged(LIFE[:4]))
    same = anomaly("reopen", 400, readings=7, began_after_s=400)
    assert merge(closed, same, DESCRIBE).record.alert.label == "Overheating"
    other = merge(closed, second_life(), DESCRIBE).record.alert
    assert (other.label, other.explanation.source) == ("temperature dropped suddenly", "evidence")
    assert other.explanation.tokens == 500


def test_a_models_words_stay_when_the_same_life_looks_different() -> None:
    """What a model said stays while the incident lasts, though its kind is known better later."""
    record = explained(merged(LIFE[:2]))
    later = merge(record, anomaly("update", 60, kind="drift", readings=30), DESCRIBE).record.alert
    assert (later.label, later.evidence.kind) == ("Overheating", "drift")


def test_an_incident_first_heard_of_at_its_end_is_closed() -> None:
    """A close without an opening makes a closed alert, and the opening that follows adds the evidence."""
    assert news_of([LIFE[3], LIFE[0]]) == ["closed", "updated"]
    assert merged([LIFE[3], LIFE[0]]).alert.evidence.contributions


def test_a_person_changes_the_status() -> None:
    """Acknowledging and snoozing show while the incident is open; undoing opens it again."""
    record = merged(LIFE[:2])
    acknowledged = said(record, "acknowledged", 10).record
    assert acknowledged.alert.status == "acknowledged"
    assert said(acknowledged, "undo", 20).record.alert.status == "open"
    assert said(record, "snoozed", 10, until_s=60).record.alert.status == "snoozed"


def test_an_earlier_word_does_not_undo_a_later_one() -> None:
    """Feedback that arrives late, or twice, is no news."""
    record = said(merged(LIFE[:2]), "acknowledged", 10).record
    assert said(record, "undo", 5) == Change(record, "none")
    assert said(record, "acknowledged", 10) == Change(record, "none")


def test_a_verdict_acknowledges_and_is_kept() -> None:
    """Confirming or refuting an incident says that somebody has seen it."""
    record = said(merged(LIFE[:2]), "false_positive", 10).record
    assert (record.alert.status, record.verdict) == ("acknowledged", "false_positive")


def test_closing_wins_over_handling_and_coming_back_ends_it() -> None:
    """An acknowledged incident closes; when it comes back it is open, not acknowledged."""
    record = said(merged(LIFE[:2]), "acknowledged", 10).record
    closed = merge(record, LIFE[3], DESCRIBE)
    assert (closed.news, closed.record.alert.status) == ("closed", "closed")
    again = merge(closed.record, LIFE[4], DESCRIBE)
    assert (again.news, again.record.alert.status) == ("reopened", "open")


def test_a_snooze_ends_at_its_time() -> None:
    """Before its time a snoozed alert stays so; then it is open, and people hear of it; redelivery changes nothing."""
    record = said(merged(LIFE[:2]), "snoozed", 10, until_s=60).record
    assert wake(record, START + timedelta(seconds=59)).news == "none"
    woken = wake(record, START + timedelta(seconds=60))
    assert (woken.news, woken.record.alert.status) == ("woken", "open")
    assert said(woken.record, "snoozed", 10, until_s=60).news == "none"
