from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from explainer.errors import AnswerError
from explainer.knowledge import load_knowledge
from explainer.llm.facts import facts_of
from explainer.llm.grounding import check_grounding
from tests.unit.explainer.grounding.incidents import CASES, alert_of
from tests.unit.explainer.grounding.reading import written_answers

if TYPE_CHECKING:
    from explainer.llm.facts import Facts
    from tests.unit.explainer.grounding.reading import WrittenAnswer

ANSWERS = written_answers("answers.txt") + written_answers("answers_unseen.txt")


@cache
def facts(incident: str) -> Facts:
    """Return what may be said of an incident."""
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
    """Of the true answers, in six languages and many manners, at most one in twenty costs a repair."""
    true = [one for one in ANSWERS if one.wrong is None]
    refused = [one for one in true if not passes(one)]
    assert len(true) >= 80
    assert len(refused) <= 0.05 * len(true), [one.reason for one in refused]


def test_the_set_is_large_and_many_voiced() -> None:
    """More than two hundred answers, in at least six languages, two fifths of them true."""
    assert len(ANSWERS) > 200
    assert len({one.language for one in ANSWERS}) >= 6
