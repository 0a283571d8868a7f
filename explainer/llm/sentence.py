"""Where in a sentence a reader is: the metric spoken of, what is joined with it, what was announced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

    from explainer.llm.metric import Metric, Trend

FIGURE, NAME, STOP = "#", "@", ","  # stand for a number, a name and a comma among the words


@dataclass(slots=True)
class Sentence:
    """The state while a sentence is read.

    Attributes:
        last: the metric named last, in an earlier sentence perhaps (then `last_is_old`).
        open: the metrics that a word of direction would speak of.
        spent: one has spoken of them already.
        joined: the next name joins them.
        named: all that were named in this sentence; `told` in this text.
        waiting: a direction whose metric comes next.
        normal: figures are what should be. bounds: they are ends of a range. share: they are shares.
        unknown: a word since the last name or figure that nobody knows.
        before: shapes of what was read.
    """

    last: Metric | None = None
    last_is_old: bool = False
    open: list[Metric] = field(default_factory=list)
    spent: bool = False
    joined: bool = False
    named: list[Metric] = field(default_factory=list)
    told: list[Metric] = field(default_factory=list)
    waiting: Trend | None = None
    normal: bool = False
    bounds: bool = False
    share: bool = False
    unknown: str | None = None
    before: list[str] = field(default_factory=list)

    def next(self) -> Sentence:
        """Begin the sentence that follows: "it" may still be the metric named last."""
        return Sentence(last=self.last, last_is_old=True, told=[*self.told])

    @property
    def subjects(self) -> list[Metric]:
        """Return the metrics that a word speaks of here."""
        return self.open or ([self.last] if self.last else [])


def shape(token: re.Match[str]) -> str:
    """Return a token as one word, or the sign for a name or a figure."""
    if token["word"] is not None:
        return token["word"].lower()
    if token["stop"] is not None:
        return STOP
    return NAME if token["name"] is not None else FIGURE
