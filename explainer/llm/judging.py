"""Judges a model's answer: its form, what it guesses, what it states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.check import check_grounding, check_hypotheses
from explainer.llm.answer import read_answer

if TYPE_CHECKING:
    from contracts.alert import Alert
    from explainer.grounding.facts import Facts
    from explainer.llm.answer import CleanAnswer
    from explainer.llm.interview import Finding
    from explainer.llm.masking import Mask
    from explainer.llm.prompt import Background


@dataclass(frozen=True, slots=True)
class Case:
    """What an attempt is about: `system` is what the model was told to do."""

    alert: Alert
    background: Background
    mask: Mask
    facts: Facts
    system: str


def judge(case: Case, text: str, finding: Finding) -> str | None:
    """Judge an answer; return what is wrong with it."""
    finding.texts.append(text)
    finding.outcome, finding.answer, finding.doubtful = "invalid", None, None
    try:
        answer = read_answer(text)
        check_hypotheses(answer, case.facts)
        _check_thought_of(answer, case.system)
        finding.outcome, finding.doubtful = "ungrounded", answer
        check_grounding((answer.label, answer.reason), case.facts)
    except AnswerError as error:
        finding.error = str(error)
        return finding.error
    finding.outcome, finding.answer, finding.doubtful, finding.error = "explained", answer, None, None
    return None


def _check_thought_of(answer: CleanAnswer, system: str) -> None:
    """Refuse causes that are all those of the prompt's example: very small models copy it.

    Raises:
        AnswerError: they are.
    """
    if answer.causes and all(f'"{one.cause}"' in system for one in answer.causes):
        raise AnswerError("the causes are those of the example; say what may be behind this trouble")
