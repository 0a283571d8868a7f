"""Earlier incidents of a device that resemble a new one, as evidence and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.alert import EarlierIncident
from explainer.words.wording import clean, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.alert import Evidence
    from storage.similar import Earlier

SHOWN = 3
_MAX_NOTE = 120
_VERDICTS = {"confirmed": "confirmed", "false_positive": "called a false alarm", "acknowledged": "acknowledged"}


def earlier_incidents(found: Iterable[Earlier]) -> tuple[EarlierIncident, ...]:
    """Write what storage found as evidence: the last verdict on each, and the last note."""
    return tuple(_one(one) for one in found)


def earlier_words(earlier: Iterable[EarlierIncident]) -> str:
    """Say what an incident resembles, and what people said of it; nothing where it resembles none."""
    told = [_words(one) for one in earlier]
    if not told:
        return ""
    return f"It resembles {'an earlier incident' if len(told) == 1 else 'earlier incidents'}: {'; '.join(told)}."


def without_earlier(evidence: Evidence) -> str:
    """Return the text of an evidence up to what it says of earlier incidents."""
    return evidence.text.removesuffix(earlier_words(evidence.earlier))


def _one(found: Earlier) -> EarlierIncident:
    verdicts = [word.verdict for word in found.said if word.verdict in _VERDICTS or word.verdict == "undo"]
    notes = [word.note for word in found.said if word.note]
    return EarlierIncident(
        incident=found.alert.incident,
        opened_at=found.alert.opened_at,
        kind=found.alert.evidence.kind,
        label=found.alert.label,
        verdict=verdicts[-1] if verdicts and verdicts[-1] != "undo" else None,
        note=clean(notes[-1], _MAX_NOTE) or None if notes else None,
    )


def _words(one: EarlierIncident) -> str:
    said = _VERDICTS.get(one.verdict or "")
    note = f'"{clean(one.note, _MAX_NOTE)}"' if one.note else None
    told = ", ".join(part for part in (said, note) if part)
    return f"{clean(one.label, 80)}, {moment(one.opened_at)[:10]}" + (f" ({told})" if told else "")
