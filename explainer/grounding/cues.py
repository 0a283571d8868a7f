"""What words around a figure say of its part: "expected", "the usual", "upper limit of", "by", "than"."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
COMPARING = word_set(
    """
    above below higher lower more less over under off away warmer colder hotter cooler faster slower beyond outside past
    heavier lighter greater smaller short too über unter zu höher niedriger wärmer kälter oberhalb unterhalb
    supérieur inférieur encima debajo sopra sotto hoger lager boven onder más
    menos plus moins più meno meer minder mehr weniger
    """
)
_THEN = word_set("and y und et e en")  # "more than usual and is at 6.9 A"
_PREPOSITIONS = word_set("under over beyond past off outside above below")
_LESS = word_set("less lighter short menos moins meno minder weniger")
_MORE = word_set("more heavier más plus più meer mehr")
_CROSSING = word_set("exceed exceeds exceeded exceeding crossed passed überschreitet")
_AT = word_set("at with mit bei auf à con op a")
ROUGH = word_set(
    "about around roughly nearly approximately almost circa ca etwa rund environ unos unas ongeveer just over"
)
UPPER = word_set(
    """
    upper top highest maximum max ceiling obere
    oberer obergrenze höchstwert oberen supérieure superior superiore bovenste
    """
)
LOWER = word_set(
    """
    lower bottom lowest minimum min floor untere
    unterer untergrenze mindestwert unteren inférieure inferior inferiore onderste
    """
)
_SKIPPED = word_set(
    """
    was were is are be been being would have has had will could might wäre wären war ist waren sind est sont était
    étaient
    era eran son è sono erano is zijn was werd normally
    only still what about around roughly nearly the a an its percentage points
    point degrees c f celsius lower upper bit little
    """
)
_SMALL = word_set(
    "the a an its own their der die das den dem le la les l el los il lo i de het just only well far slightly very of"
)
_OF_AMOUNT = word_set("percentage points point degrees c f celsius a an bit little de di")
_FROM = word_set("from von da van de desde")
_OVER = word_set("over")
_SPANS = word_set("range ranges band window bereich plage rango intervallo bereik")
_AS = word_set("as wie")
_UP_OR_DOWN = word_set("up down")


SEEN = frozenset(("seen",))
EXPECTED = frozenset(("expected",))
USUAL = frozenset(("expected", "crossed"))
_LIMITS = frozenset(("lower", "upper"))
_GAPS = frozenset(("expected gap", "crossed gap"))
_ANY_GAP = _GAPS | {"upper gap", "lower gap"}


def side(names: frozenset[str], before: list[Token], behind: list[Token]) -> Trend | None:
    """Return the side that a distance or a comparison claims: "6 °C less", "over 51.5 V"."""
    if names <= _ANY_GAP:
        said = [token for token in behind if token.text not in _OF_AMOUNT][:1]
    elif names & (USUAL | _LIMITS):
        said = [token for token in before if token.text not in (ROUGH | _SMALL | UPPER | LOWER) - _OVER][-1:]
    else:
        return None
    if not said or said[0].text in {"off", "away", "too", "outside", "zu"}:
        return None
    if said[0].roles & {"down", "under", "cold", "slow"} or said[0].text in _LESS:
        return "down"
    raising = said[0].roles & {"up", "over", "hot", "fast"} or said[0].text in _MORE
    return "up" if raising else None


def gap(before: list[Token], behind: list[Token]) -> frozenset[str] | None:
    """Read how far something is off: "by 25", "25 above", "13 points over its limit"."""
    last = [token for token in before if token.text not in ROUGH and token.text not in _SMALL][-2:]
    said = [token.text for token in last]
    of_amount = any(
        token.text in AMOUNTS and following.text in _OF
        for token, following in zip(before[-4:], before[-3:], strict=False)
    )
    if said[-1:] and (said[-1] in _BY or of_amount):
        return _reference(behind)
    following = [token for token in behind if token.text not in _OF_AMOUNT]
    if following and following[0].text in AMOUNTS:
        return _reference(following)  # "a 162 % increase"
    is_end = len(following) > 1 and following[0].text in LOWER | UPPER and "limit" in following[1].roles
    if not following or is_end or not _compares(following) or (said[-1:] and said[-1] in _AT):
        if len(last) == 2 and last[-1].text == "with" and last[0].roles & {"up", "down"}:  # noqa: PLR2004
            return _GAPS | SEEN
        return None
    if following[1:2] and following[1].sort == "figure":
        return _GAPS | SEEN  # "27.9 above 25.3"
    return _reference(following)


def _compares(following: list[Token]) -> bool:
    """Tell whether words behind a figure say what it is a distance from: "above the limit", not "under a load"."""
    if following[0].text in _UP_OR_DOWN:
        return following[1:2] != [] and following[1].text == "on"  # "40 % down on what it should be"
    if following[0].text not in COMPARING:
        return False
    rest = [token for token in following[1:] if token.text not in _SMALL | UPPER | LOWER]
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
    return _GAPS


def announced_behind(behind: list[Token]) -> frozenset[str] | None:
    """Read "was expected", "would be normal", "lower limit" behind a figure."""
    if behind[:1] and behind[0].text in _AS:
        return None
    skipped = [token for token in behind[:5] if token.text not in _SKIPPED or "limit" in token.roles]
    if not skipped or skipped[0].sort != "word":
        return None
    bare = behind[0] is skipped[0]
    if bare and len(behind) > 1 and behind[1].sort == "figure":
        return None  # "11.9 A expected 23 A": it announces the next
    roles = skipped[0].roles
    if "limit" in roles:
        return _end({token.text for token in behind[:3]})
    if "expected" in roles:
        return EXPECTED
    return USUAL if roles & {"usual"} and "seen" not in roles else None


def announced_before(before: list[Token]) -> frozenset[str] | None:
    """Read "expected", "usually", "upper limit of" and the like before a figure."""
    names: frozenset[str] | None = None
    limits: set[str] = set()
    for index, token in enumerate(before):
        last = before[index - 1] if index else None
        if token.text in UPPER | LOWER:
            limits.add(token.text)
        if "limit" in token.roles:
            names = _end(limits)
        elif "expected" in token.roles:
            names = EXPECTED if names is None or names == USUAL else names
        elif "usual" in token.roles and not (last and last.text in {"a", "an"} and index == len(before) - 1):
            sided = any(one.text in COMPARING or one.roles & {"over", "under"} for one in before[:index])
            names = (USUAL if sided else EXPECTED) if names is None else names
        elif token.text in _AT and (
            (last is not None and (last.roles & {"usual", "same"} or last.text in _SPANS))
            or any("within" in one.roles for one in before[:index])
        ):
            names = None  # "remains normal at", "within its usual range at"
        elif "seen" in token.roles or (token.text in _THEN and index < len(before) - 1):
            names = None
    return names or _compared(before)


def _compared(before: list[Token]) -> frozenset[str] | None:
    """Read what stands directly before a figure: "than 23", "above the usual 75", "from 70"."""
    words = [token for token in before if token.text not in ROUGH and token.text not in _SMALL]
    if _is_over(before):
        return USUAL | SEEN
    if any(token.text in {"where", "whereas"} for token in before):
        return EXPECTED
    if not words:
        return None
    last = words[-1]
    if last.text in _FROM and len(words) > 1 and words[-2].sort == "name" and last.text not in {"from", "desde"}:
        return None  # "einer Temperatur von 84,5 °C"
    if last.text in _FROM:
        return SEEN if any("moved" in token.roles for token in before) else EXPECTED  # "has not moved from 3.27 m"
    compared = [token for token in words[-3:] if token.text in COMPARING]
    if "versus" in last.roles:
        return USUAL if compared else EXPECTED
    if last.roles & {"over", "under"}:
        return USUAL
    crosses = last.text in COMPARING | _CROSSING
    return USUAL if crosses else None


def _is_over(before: list[Token]) -> bool:
    """Tell whether a figure is one that something is over, not "just over" it."""
    near = [token.text for token in before if token.text not in _SMALL - {"just"}][-2:]
    return near[-1:] == ["over"] and near[:1] != ["just"]


def _end(said: set[str]) -> frozenset[str]:
    if said & UPPER:
        return frozenset(("upper",))
    return frozenset(("lower",)) if said & LOWER else _LIMITS


def crossed_bracket(before: list[Token]) -> bool:
    """Tell whether a bracket, or a colon behind a comparison, parts a figure from the words before it."""
    compared = any(token.text in COMPARING or token.text == "than" or token.roles & {"up", "down"} for token in before)
    return bool(before) and (before[-1].text in {"(", "[", ","} or (before[-1].text == ":" and compared))
