"""Answers used again: what makes two questions the same, and an earlier answer made to fit another incident."""

from __future__ import annotations

import re
from hashlib import blake2b
from math import log2
from typing import TYPE_CHECKING

import msgspec

from explainer.errors import AnswerError
from explainer.evidence import leading_contributions
from explainer.grounding.check import check_grounding, check_hypotheses
from explainer.grounding.facts import facts_of
from explainer.llm.answer import CleanAnswer, read_answer
from explainer.words.usual import side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.alert import Alert
    from contracts.anomaly import Contribution
    from explainer.words.knowledge import Knowledge
    from storage.explaining import KnownAnswer

_MOST_DOUBLINGS = 6


def fingerprint(alert: Alert, device_class: str, *asked: str) -> str:
    """Name a question by what its answer would depend on.

    That is the class of the device, the kind, severity, and of each leading metric its side and by how many doublings
    of its usual range it is off; and, with `asked`, who is asked in which words.
    """
    digest = blake2b(digest_size=16)
    parts = [device_class, alert.evidence.kind, *asked]
    for one in leading_contributions(alert.evidence.contributions):
        parts += [one.metric, one.unit or "", side(one), _rough_size(one)]
    for part in parts:
        digest.update(len(part.encode()).to_bytes(4, "big") + part.encode())
    return digest.hexdigest()


def answer_for(
    alert: Alert, known: KnownAnswer, knowledge: Knowledge, others: Iterable[str] = ()
) -> CleanAnswer | None:
    """Make an earlier answer fit this incident: its own label and reason where the earlier ones do not hold.

    `others` are names of devices that are known: the answer may name none of them.
    Returns None where nothing of it can be used.
    """
    facts = facts_of(alert, knowledge, others=others)
    try:
        texts = msgspec.json.decode(known.answer, type=list[str])
        earlier = read_answer(_renamed(texts[-1], known.device, alert.device))
        check_hypotheses(earlier, facts)
    except (AnswerError, msgspec.DecodeError, IndexError):
        return None
    try:
        check_grounding((earlier.label, earlier.reason), facts)
    except AnswerError:  # other figures: the evidence text tells them, causes and actions stay
        return msgspec.structs.replace(earlier, label=alert.label, reason=alert.reason)
    return earlier


def _renamed(text: str, device: str, to: str) -> str:
    if device == to:
        return text
    other = msgspec.json.encode(to).decode()[1:-1]
    return re.sub(rf"(?<!\w){re.escape(msgspec.json.encode(device).decode()[1:-1])}(?!\w)", lambda _: other, text)


def _rough_size(contribution: Contribution) -> str:
    """Say how far a metric is off, in doublings of half its usual range."""
    observed, lower, upper = contribution.observed, contribution.lower, contribution.upper
    if observed is None or lower is None or upper is None or upper <= lower:
        return "?"
    halves = abs(observed - (lower + upper) / 2) / ((upper - lower) / 2)
    return "0" if halves <= 1 else str(min(_MOST_DOUBLINGS, int(log2(halves)) + 1))
