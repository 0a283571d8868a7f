"""Whom the words of a sentence speak of: the metric named before them, behind them, or in the sentence before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explainer.grounding.lexicon import word_set
from explainer.grounding.naming import plain_unit

if TYPE_CHECKING:
    from explainer.grounding.facts import Facts
    from explainer.grounding.metric import Metric
    from explainer.grounding.text import Token

_ARTICLES = word_set("the its le la les el il i der die das")
_OF_TWO = word_set("former latter")
_TOGETHER = word_set("both all beide alle todos tutti tous")
_CONNECT = word_set("and or plus as well the its und sowie et y e o en la le les el il i der die das")
_OF = word_set("of in de du des del della di der den im beim von vom à au dans en van")
_NO_CLAIM = frozenset(("common", "hot", "cold", "fast", "slow"))  # "loss of cooling"
_CLAIMS = frozenset(("up", "down", "poor", "noisy", "calm", "stuck", "same", "missing", "hot", "cold", "fast", "slow"))
_PARTICIPLES = ("ed", "ing")
_ADJECTIVES = word_set(
    "high higher low lower poor weak insufficient large small great strong excess excessive lack loss more less"
)
# Of the metric itself: "below the value that was expected".
_OWN = word_set("value values reading readings level valeur valeurs valor valores wert werte valore valori waarde what")
_NORMALLY = word_set(
    "normally usually typically ordinarily generally normalerweise üblicherweise normalement normalmente"
)
_PRONOUNS = word_set("it its they their them this that which both all these er sie es il elle ils elles")
_REACH = 4


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
        return not names and not refers and self._by_unit(start, end) is None

    def is_general(self, at: int) -> bool:
        """Tell whether a clause says what is so in general: "normally a lower current means a cooler motor"."""
        start = self.clause_start(at)
        return start < at and self.tokens[start].text in _NORMALLY

    def subjects(self, at: int, *, strict: bool = False) -> list[Metric]:
        """Return the metrics that a claiming word speaks of.

        Args:
            at: its place.
            strict: whether only those in its own clause count.
        """
        start, end = self.clause_start(at), self.clause_end(at)
        before = self.named_before(at, since=start)
        if (attributed := self._attributed(at, end, has_subject=before is not None)) is not None:
            return self._group_from(attributed)
        if (several := self._several(start, at)) is not None:
            return several
        if before is not None:
            return self._group_to(before)
        return [] if self._is_of_something_else(at, end) else self._not_named_before(at, start, end, strict=strict)

    def _several(self, start: int, at: int) -> list[Metric] | None:
        """Return whom "both", "all" and "the others" mean."""
        if any(token.text in _TOGETHER for token in self.tokens[max(0, at - _REACH) : at]):
            named = dict.fromkeys(filter(None, map(self.metric_at, range(at))))
            both = any(token.text in {"both", "beide"} for token in self.tokens[:at])
            return list(named) or self.told or list(self.facts.metrics[: 2 if both else None])
        if said := [token.text for token in self.tokens[start:at] if token.text in _OF_TWO]:
            told = [*self.told, *filter(None, map(self.metric_at, range(start)))]
            last_two = list(dict.fromkeys(reversed(told)))[:2]
            return last_two[:1] if said[-1] == "latter" else last_two[1:]
        if any("other" in token.roles for token in self.tokens[start:at]):
            if any(token.text == "one" for token in self.tokens[:at]):
                return []  # "one is high, the other low"
            return [one for one in self.facts.metrics if one not in self.told]
        return None

    def _not_named_before(self, at: int, start: int, end: int, *, strict: bool) -> list[Metric]:
        if (behind := self.named_behind(at, until=end)) is not None:
            return [] if strict and behind - at > _REACH else self._group_from(behind)
        if (of_figure := self._by_unit(start, end)) is not None:
            return [of_figure]
        return [] if strict else self._from_afar(at)

    def _is_of_something_else(self, at: int, end: int) -> bool:
        """Tell whether an adjective or "loss of" stands before a word for something that is not measured."""
        token = self.tokens[at]
        behind = self.tokens[at + 1 : end]
        linked = bool(behind) and behind[0].text in _OF
        described = token.text.endswith(_PARTICIPLES) or token.text in _ADJECTIVES or linked
        while behind and "filler" in behind[0].roles:
            behind = behind[1:]
        is_noun = (
            bool(behind) and behind[0].sort == "word" and behind[0].roles <= _NO_CLAIM and behind[0].text not in _OWN
        )
        named = any(one.sort == "name" and one.metric is not None for one in behind[1:2])
        return described and is_noun and not named and not behind[0].text.endswith("ly")

    def _by_unit(self, start: int, end: int) -> Metric | None:
        """Return the metric whose unit a figure of a clause has, where only one has it."""
        for token, behind in zip(self.tokens[start:end], [*self.tokens[start + 1 : end], None], strict=True):
            if token.figure is None or (token.figure.unit == "%" and behind is not None and behind.sort == "word"):
                continue  # "5 % higher"
            if token.figure.unit not in {None, "°"}:
                found = [one for one in self.facts.metrics if plain_unit(one.unit or "") == token.figure.unit]
                if len(found) == 1:
                    return found[0]
        return None

    def _from_afar(self, at: int) -> list[Metric]:
        for place in range(at - 1, -1, -1):
            if place in self.of_figures:
                return [self.of_figures[place]]
            if self.metric_at(place) is not None:
                return self._group_to(place)
        if self.carried:
            return self.carried
        behind = self.named_behind(at)
        return list(self.facts.metrics[:1]) if behind is None else self._group_from(behind)

    def _attributed(self, at: int, end: int, *, has_subject: bool) -> int | None:
        """Return the name that an adjective or "drop in" stands before."""
        place, linked = at + 1, False
        while place < end and place - at <= _REACH + 1:
            token = self.tokens[place]
            if token.sort == "name":
                if token.metric is None:  # "high pump-3 vibration"
                    place += 1
                    continue
                return place if linked or place == at + 1 or not has_subject else None
            if token.sort != "word" or not token.roles & {"filler", "up", "down", "same", "sudden", "gradual"}:
                return None
            linked = linked or token.text in _OF
            place += 1
        return None

    def _group_to(self, at: int) -> list[Metric]:
        """Return a metric with those that are joined to it before."""
        found = [self.metric_at(at)]
        place = at - 1
        linked = False
        while place >= 0 and (self.metric_at(place) is not None or self._connects(place)):
            if self.tokens[place].text == "," and self._claims_for_itself(place):
                break  # "erratic pressure, oil fine"
            if self.metric_at(place) is not None and not linked and place < at - 1:
                break  # "under that load the voltage fell"
            linked = self.tokens[place].text not in _ARTICLES if self.metric_at(place) is None else False
            found.append(self.metric_at(place))
            place -= 1
        return list(dict.fromkeys(one for one in found if one is not None))

    def _group_from(self, at: int) -> list[Metric]:
        """Return a metric with those that are joined to it behind; not one with a word of its own."""
        metric = self.metric_at(at)
        following = self.metric_at(at + 1) if at + 1 < len(self.tokens) else None
        if self.tokens[at].modifies and following is not None:
            metric = following
        return [metric] if metric is not None else []

    def _claims_for_itself(self, end: int) -> bool:
        return any(token.roles & _CLAIMS for token in self.tokens[self.clause_start(end) : end])

    def _connects(self, at: int) -> bool:
        token = self.tokens[at]
        return (
            token.text in _CONNECT or token.text in {",", "/", "&"} or (token.sort == "name" and token.metric is None)
        )
