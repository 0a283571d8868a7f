from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from explainer.errors import AnswerError
from explainer.knowledge import load_knowledge
from explainer.llm.facts import facts_of
from explainer.llm.grounding import check_grounding
from tests.unit.explainer.grounding.incidents import CASES, alert_of
from tests.unit.explainer.grounding.incidents_blind import BLIND_CASES, SITE
from tests.unit.explainer.grounding.reading import written_answers

if TYPE_CHECKING:
    from explainer.llm.facts import Facts
    from tests.unit.explainer.grounding.reading import WrittenAnswer

BLIND = "answers_blind.txt"
ANSWERS = [one for name in ("answers.txt", "answers_unseen.txt", BLIND) for one in written_answers(name)]


@cache
def facts(incident: str) -> Facts:
    """Return what may be said of an incident."""
    if incident in BLIND_CASES:
        return facts_of(alert_of(BLIND_CASES[incident]), load_knowledge(), others=SITE)
    return facts_of(alert_of(CASES[incident]), load_knowledge())


def passes(answer: WrittenAnswer) -> bool:
    """Tell whether an answer is held to be grounded."""
    try:
        check_grounding((answer.label, answer.reason), facts(answer.incident))
    except AnswerError:
        return False
    return True


@pytest.mark.parametrize("answer", [one for one in ANSWERS if one.wrong], ids=lambda one: f"{one.wrong}-{one.reason}")
def test_no_false_answer_passes(answer: WrittenAnswer) -> None:
    """Wrong directions, swapped metrics and roles, foreign numbers, units, devices and metrics are all found."""
    assert not passes(answer)


def test_hardly_any_true_answer_is_refused() -> None:
    """Of the true answers to the incidents first written of, in six languages, at most one in twenty costs a repair."""
    true = [one for one in ANSWERS if one.wrong is None and one.incident in CASES]
    refused = [one for one in true if not passes(one)]
    assert len(true) >= 80
    assert len(refused) <= 0.05 * len(true), [one.reason for one in refused]


def test_most_true_answers_of_the_blind_set_pass() -> None:
    """Of the true answers written without knowledge of the check, at most a quarter costs a repair: no way back."""
    true = [one for one in ANSWERS if one.wrong is None and one.incident in BLIND_CASES]
    refused = [one for one in true if not passes(one)]
    assert len(true) >= 50
    assert len(refused) <= 0.25 * len(true), [one.reason for one in refused]


def test_another_device_is_known_by_its_name_alone() -> None:
    """A known device named without any figure is found; without knowing it the words would pass."""
    alert = alert_of(BLIND_CASES["gate"])
    knowing = facts_of(alert, load_knowledge(), others=["garage", "North_Gate"])
    for text in ("garage has gone silent", "The north gate has gone silent, too"):
        check_grounding([text], facts_of(alert, load_knowledge()))
        with pytest.raises(AnswerError, match="another device"):
            check_grounding([text], knowing)


def test_the_set_is_large_and_many_voiced() -> None:
    """More than two hundred answers, in at least six languages, two fifths of them true."""
    assert len(ANSWERS) > 200
    assert len({one.language for one in ANSWERS}) >= 6
