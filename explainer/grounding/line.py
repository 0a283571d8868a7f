"""One sentence while it is read: its clauses, the metrics that it names, what was spoken of before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explainer.grounding.lexicon import word_set
from explainer.grounding.naming import plain_unit

if TYPE_CHECKING:
    from explainer.grounding.facts import Facts
    from explainer.grounding.metric import Metric
    from explainer.grounding.text import Token

_NORMALLY = word_set(
    "normally usually typically ordinarily generally normalerweise üblicherweise normalement normalmente"
)
_PRONOUNS = word_set("it its they their them this that which both all these er sie es il elle ils elles")


@dataclass(slots=True)
class Line:
    """One sentence while it is read.

    Attributes:
        tokens: what it consists of.
        facts: what may be said.
        carried: the metrics that the sentence before spoke of last.
        told: every metric named in the text so far.
        of_figures: the metric that a figure turned out to be of, by the figure's place.
    """

    tokens: list[Token]
    facts: Facts
    carried: list[Metric] = field(default_factory=list)
    told: list[Metric] = field(default_factory=list)
    of_figures: dict[int, Metric] = field(default_factory=dict)

    def is_boundary(self, at: int) -> bool:
        """Tell whether a clause ends at a token."""
        token = self.tokens[at]
        if token.text == "and" and at + 1 < len(self.tokens) and self.tokens[at + 1].roles & {"copula", "seen"}:
            return False  # "is rising and is now 29 °C"
        return (token.sort == "stop" and token.text not in {"/", "&", "="}) or "turn" in token.roles

    def metric_at(self, at: int) -> Metric | None:
        """Return the metric that is named at a token."""
        return self.tokens[at].metric if self.tokens[at].sort == "name" else None

    def clause_start(self, at: int) -> int:
        """Return where the clause of a token begins."""
        return next((i + 1 for i in range(at - 1, -1, -1) if self.is_boundary(i)), 0)

    def clause_end(self, at: int) -> int:
        """Return where the clause of a token ends."""
        return next((i for i in range(at + 1, len(self.tokens)) if self.is_boundary(i)), len(self.tokens))

    def named_before(self, at: int, *, since: int = 0) -> int | None:
        """Return the place of the last metric named before a token."""
        return next((i for i in range(at - 1, since - 1, -1) if self.metric_at(i) is not None), None)

    def named_behind(self, at: int, *, until: int | None = None) -> int | None:
        """Return the place of the first metric named behind a token."""
        last = len(self.tokens) if until is None else until
        return next((i for i in range(at + 1, last) if self.metric_at(i) is not None), None)

    def is_vague(self, at: int) -> bool:
        """Tell whether a clause names no metric and refers to none: "airflow reduced"."""
        start, end = self.clause_start(at), self.clause_end(at)
        names = any(self.metric_at(place) is not None or place in self.of_figures for place in range(end))
        refers = any(token.text in _PRONOUNS or token.figure is not None for token in self.tokens[start:end])
        return not names and not refers and self.by_unit(start, end) is None

    def is_general(self, at: int) -> bool:
        """Tell whether a clause says what is so in general: "normally a lower current means a cooler motor"."""
        start = self.clause_start(at)
        return start < at and self.tokens[start].text in _NORMALLY

    def by_unit(self, start: int, end: int) -> Metric | None:
        """Return the metric whose unit a figure of a clause has, where only one has it."""
        for token, behind in zip(self.tokens[start:end], [*self.tokens[start + 1 : end], None], strict=True):
            if token.figure is None or (token.figure.unit == "%" and behind is not None and behind.sort == "word"):
                continue  # "5 % higher"
            if token.figure.unit not in {None, "°"}:
                found = [one for one in self.facts.metrics if plain_unit(one.unit or "") == token.figure.unit]
                if len(found) == 1:
                    return found[0]
        return None
