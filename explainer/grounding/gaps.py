"""How far something is off, and on which side, by the words around a figure: "by 25", "25 above its limit"."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from explainer.grounding.cues import (
    ANY_GAP,
    AT,
    COMPARING,
    GAPS,
    LESS,
    LIMITS,
    LOWER,
    MORE,
    ROUGH,
    SEEN,
    SMALL,
    UPPER,
    USUAL,
)
from explainer.grounding.lexicon import word_set

if TYPE_CHECKING:
    from explainer.grounding.metric import Trend
    from explainer.grounding.text import Token

_BY = word_set("by um")
_OF = word_set("of de di von")
AMOUNTS = word_set(
    """
    difference deviation gap excess deficit shortfall increase decrease rise drop fall reduction jump step loss gain
    shift change climb dip surge spike
    """
)
_PREPOSITIONS = word_set("under beneath over beyond past off outside above below")
_OF_AMOUNT = word_set("percentage points point degrees c f celsius a an bit little de di au en por")
_CHANGED = word_set(
    """
    lost gained shed dropped fallen fell risen rose climbed jumped increased decreased dipped sagged sank sunk up down
    """
)
_UP_OR_DOWN = word_set("up down")
_OVER = word_set("over")


def side(names: frozenset[str], before: list[Token], behind: list[Token]) -> Trend | None:
    """Return the side that a distance or a comparison claims: "6 °C less", "over 51.5 V"."""
    if names <= ANY_GAP:
        said = [token for token in behind if token.text not in _OF_AMOUNT][:1]
    elif names & (USUAL | LIMITS):
        said = [token for token in before if token.text not in (ROUGH | SMALL | UPPER | LOWER) - _OVER][-1:]
    else:
        return None
    if not said or said[0].text in {"off", "away", "too", "outside", "zu"}:
        return None
    if said[0].roles & {"down", "under", "cold", "slow"} or said[0].text in LESS:
        return "down"
    raising = said[0].roles & {"up", "over", "hot", "fast"} or said[0].text in MORE
    return "up" if raising else None


def gap(before: list[Token], behind: list[Token]) -> frozenset[str] | None:
    """Read how far something is off: "by 25", "25 above", "13 points over its limit"."""
    last = [token for token in before if token.text not in ROUGH and token.text not in SMALL][-2:]
    said = [token.text for token in last]
    of_amount = any(token.text in AMOUNTS and following.text in _OF for token, following in pairwise(before[-4:]))
    following = [token for token in behind if token.text not in _OF_AMOUNT]
    first = following[0].text if following else ""
    changed = bool(said) and said[-1] in _CHANGED and first not in COMPARING  # "has lost 6.3 kg"
    if (said and (said[-1] in _BY or of_amount)) or first in AMOUNTS or changed:
        return _reference(behind)  # "a 162 % increase"
    is_end = len(following) > 1 and following[0].text in LOWER | UPPER and "limit" in following[1].roles
    if not following or is_end or not _compares(following) or (said[-1:] and said[-1] in AT):
        if len(last) == 2 and last[-1].text == "with" and last[0].roles & {"up", "down"}:  # noqa: PLR2004
            return GAPS | SEEN
        return None
    if following[1:2] and following[1].sort == "figure":
        return GAPS | SEEN  # "27.9 above 25.3"
    return _reference(following)


def _compares(following: list[Token]) -> bool:
    """Tell whether words behind a figure say what it is a distance from: "above the limit", not "under a load"."""
    if following[0].text in _UP_OR_DOWN:
        return following[1:2] != [] and following[1].text == "on"  # "40 % down on what it should be"
    if following[0].text not in COMPARING:
        return False
    rest = [token for token in following[1:] if token.text not in SMALL | UPPER | LOWER]
    if following[0].text not in _PREPOSITIONS or not rest or rest[0].sort != "word" or rest[0].text == "what":
        return True
    return any(token.roles & {"expected", "usual", "limit"} for token in rest[:4])


def _reference(behind: list[Token]) -> frozenset[str]:
    """Tell what a distance is measured from."""
    ends = {token.text for token in behind[:6]}
    for token in behind:
        if "expected" in token.roles:
            return frozenset(("expected gap",))
        if "limit" in token.roles:
            upper, lower = bool(ends & UPPER), bool(ends & LOWER)
            end = "crossed gap" if upper == lower else "upper gap" if upper else "lower gap"
            return frozenset((end,))
    return GAPS
