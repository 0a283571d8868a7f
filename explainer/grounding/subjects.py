"""Whom the words of a sentence speak of: the metric named before them, behind them, or in the sentence before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.grounding.lexicon import word_set

if TYPE_CHECKING:
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric

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
_REACH = 4


def subjects_of(line: Line, at: int, *, strict: bool = False) -> list[Metric]:
    """Return the metrics that a claiming word speaks of.

    Args:
        line: its sentence.
        at: its place.
        strict: whether only those in its own clause count.
    """
    start, end = line.clause_start(at), line.clause_end(at)
    before = line.named_before(at, since=start)
    if (attributed := _attributed(line, at, end, has_subject=before is not None)) is not None:
        return _group_from(line, attributed)
    if (several := _several(line, start, at)) is not None:
        return several
    if before is not None:
        return _group_to(line, before)
    return [] if _is_of_something_else(line, at, end) else _not_named_before(line, at, start, end, strict=strict)


def _several(line: Line, start: int, at: int) -> list[Metric] | None:
    """Return whom "both", "all" and "the others" mean."""
    if any(token.text in _TOGETHER for token in line.tokens[max(0, at - _REACH) : at]):
        named = dict.fromkeys(filter(None, map(line.metric_at, range(at))))
        both = any(token.text in {"both", "beide"} for token in line.tokens[:at])
        return list(named) or line.told or list(line.facts.metrics[: 2 if both else None])
    if said := [token.text for token in line.tokens[start:at] if token.text in _OF_TWO]:
        told = [*line.told, *filter(None, map(line.metric_at, range(start)))]
        last_two = list(dict.fromkeys(reversed(told)))[:2]
        return last_two[:1] if said[-1] == "latter" else last_two[1:]
    if any("other" in token.roles for token in line.tokens[start:at]):
        if any(token.text == "one" for token in line.tokens[:at]):
            return []  # "one is high, the other low"
        spoken_of = [*line.told, *filter(None, map(line.metric_at, range(at)))]
        return [one for one in line.facts.metrics if one not in spoken_of]
    return None


def _not_named_before(line: Line, at: int, start: int, end: int, *, strict: bool) -> list[Metric]:
    if (behind := line.named_behind(at, until=end)) is not None:
        return [] if strict and behind - at > _REACH else _group_from(line, behind)
    if (of_figure := line.by_unit(start, end)) is not None:
        return [of_figure]
    return [] if strict else _from_afar(line, at)


def _is_of_something_else(line: Line, at: int, end: int) -> bool:
    """Tell whether an adjective or "loss of" stands before a word for something that is not measured."""
    token = line.tokens[at]
    behind = line.tokens[at + 1 : end]
    linked = bool(behind) and behind[0].text in _OF
    described = token.text.endswith(_PARTICIPLES) or token.text in _ADJECTIVES or linked
    while behind and "filler" in behind[0].roles:
        behind = behind[1:]
    is_noun = bool(behind) and behind[0].sort == "word" and behind[0].roles <= _NO_CLAIM and behind[0].text not in _OWN
    named = any(one.sort == "name" and one.metric is not None for one in behind[1:2])
    return described and is_noun and not named and not behind[0].text.endswith("ly")


def _from_afar(line: Line, at: int) -> list[Metric]:
    for place in range(at - 1, -1, -1):
        if place in line.of_figures:
            return [line.of_figures[place]]
        if line.metric_at(place) is not None:
            return _group_to(line, place)
    if line.carried:
        return line.carried
    behind = line.named_behind(at)
    return list(line.facts.metrics[:1]) if behind is None else _group_from(line, behind)


def _attributed(line: Line, at: int, end: int, *, has_subject: bool) -> int | None:
    """Return the name that an adjective or "drop in" stands before."""
    place, linked = at + 1, False
    while place < end and place - at <= _REACH + 1:
        token = line.tokens[place]
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


def _group_to(line: Line, at: int) -> list[Metric]:
    """Return a metric with those that are joined to it before."""
    found = [line.metric_at(at)]
    place = at - 1
    linked = False
    while place >= 0 and (line.metric_at(place) is not None or _connects(line, place)):
        if line.tokens[place].text == "," and _claims_for_itself(line, place):
            break  # "erratic pressure, oil fine"
        if line.metric_at(place) is not None and not linked and place < at - 1:
            break  # "under that load the voltage fell"
        linked = line.tokens[place].text not in _ARTICLES if line.metric_at(place) is None else False
        found.append(line.metric_at(place))
        place -= 1
    return list(dict.fromkeys(one for one in found if one is not None))


def _group_from(line: Line, at: int) -> list[Metric]:
    """Return a metric with those that are joined to it behind; not one with a word of its own."""
    metric = line.metric_at(at)
    following = line.metric_at(at + 1) if at + 1 < len(line.tokens) else None
    if line.tokens[at].modifies and following is not None:
        metric = following
    return [metric] if metric is not None else []


def _claims_for_itself(line: Line, end: int) -> bool:
    return any(token.roles & _CLAIMS for token in line.tokens[line.clause_start(end) : end])


def _connects(line: Line, at: int) -> bool:
    token = line.tokens[at]
    return token.text in _CONNECT or token.text in {",", "/", "&"} or (token.sort == "name" and token.metric is None)
