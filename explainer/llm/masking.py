"""Aliases in place of names: what a model is sent says neither which device nor which metric it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from explainer.words.earlier import without_earlier
from explainer.words.wording import clean

if TYPE_CHECKING:
    from contracts.alert import Alert, EarlierIncident
    from contracts.anomaly import Contribution
    from explainer.llm.prompt import Background
    from explainer.words.knowledge import Knowledge

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DEVICE = "device X"


@dataclass(frozen=True, slots=True)
class Mask:
    """Names and their aliases, longest name first; an empty one changes nothing."""

    aliases: tuple[tuple[str, str], ...] = ()

    def alert(self, alert: Alert) -> Alert:
        """Return an alert with aliases for names; texts that a model or a person wrote are left out."""
        if not self.aliases:
            return alert
        known = dict(self.aliases)
        contributions = tuple(
            msgspec.structs.replace(one, metric=known[one.metric]) for one in alert.evidence.contributions
        )
        evidence = msgspec.structs.replace(
            alert.evidence,
            contributions=contributions,
            text=self.text(without_earlier(alert.evidence)),
            earlier=_unnamed(alert),
        )
        return msgspec.structs.replace(alert, device=known[alert.device], label="", reason="", evidence=evidence)

    def background(self, background: Background) -> Background:
        """Return the notes of the site with aliases for names."""
        return replace(background, notes=background.notes and self.text(background.notes))

    def text(self, text: str) -> str:
        """Put aliases for names into a text; as they are, and shortened or with other separators."""
        for name, alias in self.aliases:
            text = _loosely(clean(name, 128)).sub(alias, text)
        return text

    def restored(self, text: str) -> str:
        """Put names for aliases into a model's answer, which is JSON still."""
        for name, alias in self.aliases:
            quoted = msgspec.json.encode(clean(name, 128)).decode()[1:-1]
            text = _loosely(alias).sub(lambda _, quoted=quoted: quoted, text)  # type: ignore[misc]
        return text


def mask_of(alert: Alert, knowledge: Knowledge) -> Mask:
    """Make the aliases of an alert's names: `device X`, and `temperature A` where the unit says what is measured."""
    aliases = [(alert.device, _DEVICE)]
    for index, one in enumerate(alert.evidence.contributions):
        if one.metric not in dict(aliases):
            aliases.append((one.metric, f"{_quantity(one, knowledge)} {_letters(index)}"))
    return Mask(tuple(sorted(aliases, key=lambda pair: -len(pair[0]))))


def _unnamed(alert: Alert) -> tuple[EarlierIncident, ...]:
    return tuple(msgspec.structs.replace(one, label="", note=None) for one in alert.evidence.earlier)


def _quantity(contribution: Contribution, knowledge: Knowledge) -> str:
    words = knowledge.quantity(contribution)
    return next((name for name, known in knowledge.quantities.items() if known == words), "metric")


def _letters(index: int) -> str:
    return (_letters(index // 26 - 1) if index >= len(_LETTERS) else "") + _LETTERS[index % 26]


def _loosely(name: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in re.split(r"[\s_\-]+", name) if part]
    return re.compile(r"(?<!\w)" + r"[\s_\-]*".join(parts) + r"(?!\w)", re.IGNORECASE)
