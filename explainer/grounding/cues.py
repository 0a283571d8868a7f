"""What words around a figure say of its part: "expected", "the usual", "upper limit of", "than"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.grounding.lexicon import word_set

if TYPE_CHECKING:
    from explainer.grounding.text import Token

COMPARING = word_set(
    """
    above below beneath higher lower more less over under off away warmer colder hotter cooler faster slower beyond
    outside past heavier lighter greater smaller short too über unter zu höher niedriger wärmer kälter oberhalb
    unterhalb dessus dessous supérieur inférieur encima debajo sopra sotto hoger lager boven onder más
    menos plus moins più meno meer minder mehr weniger
    """
)
_THEN = word_set("and y und et e en")  # "more than usual and is at 6.9 A"
LESS = word_set("less lighter short menos moins meno minder weniger")
MORE = word_set("more heavier más plus più meer mehr")
_CROSSING = word_set("exceed exceeds exceeded exceeding crossed passed überschreitet")
AT = word_set("at with mit bei auf à con op a")
ROUGH = word_set(
    "about around roughly nearly approximately almost circa ca etwa rund environ unos unas ongeveer just some near"
    " justunder justover upto"
)
UPPER = word_set(
    """
    upper haute haut top highest maximum max ceiling obere
    oberer obergrenze höchstwert oberen supérieure superior superiore bovenste
    """
)
LOWER = word_set(
    """
    lower basse bas bottom lowest minimum min floor untere
    unterer untergrenze mindestwert unteren inférieure inferior inferiore onderste
    """
)
_SKIPPED = word_set(
    """
    was were is are be been being would have has had will could might wäre wären war ist waren sind est sont était
    étaient wordt werden wird waren
    era eran son è sono erano is zijn was werd normally
    only still what about around roughly nearly the a an its percentage points
    point degrees c f celsius lower upper bit little
    """
)
SMALL = word_set(
    "the a an its own their der die das den dem le la les l el los il lo i de het just only well far slightly very of"
)
_FROM = word_set("from von da van de desde")
_SPANS = word_set("range ranges band window bereich plage rango intervallo bereik")
_AS = word_set("as wie")
_FIT = word_set("fit match suit correspond follow go")


SEEN = frozenset(("seen",))
EXPECTED = frozenset(("expected",))
USUAL = frozenset(("expected", "crossed"))
LIMITS = frozenset(("lower", "upper"))
GAPS = frozenset(("expected gap", "crossed gap"))
ANY_GAP = GAPS | {"upper gap", "lower gap"}


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
    if "expected" in roles or (behind[0].text == "would" and skipped[0].text in _FIT):
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
        elif token.text in AT and (
            (last is not None and (last.roles & {"usual", "same"} or last.text in _SPANS))
            or any("within" in one.roles for one in before[:index])
        ):
            names = None  # "remains normal at", "within its usual range at"
        elif "seen" in token.roles or (token.text in _THEN and index < len(before) - 1):
            names = None
    return names or _compared(before)


def _compared(before: list[Token]) -> frozenset[str] | None:
    """Read what stands directly before a figure: "than 23", "above the usual 75", "from 70"."""
    words = [token for token in before if token.text not in ROUGH and token.text not in SMALL]
    if (is_over := _is_over(before)) or any(token.text == "where" for token in before):
        return USUAL | SEEN if is_over else EXPECTED
    if not words:
        return None
    last = words[-1]
    if last.text in _FROM:
        return _started(before, words[-2:-1], last.text)
    compared = [token for token in words[-3:] if token.text in COMPARING]
    if "versus" in last.roles:
        return USUAL if compared else EXPECTED
    crosses = last.roles & {"over", "under"} or last.text in COMPARING | _CROSSING
    return USUAL if crosses else None


def _started(before: list[Token], last: list[Token], word: str) -> frozenset[str] | None:
    if last and last[0].sort == "name" and word not in {"from", "desde"}:
        return None  # "bei einem Druck von 3,1 bar"
    return SEEN if any("moved" in token.roles for token in before) else EXPECTED  # "has not moved from 3.27 m"


def _is_over(before: list[Token]) -> bool:
    """Tell whether a figure is one that something is over, not "just over" it."""
    near = [token.text for token in before if token.text not in SMALL - {"just"}][-2:]
    return near[-1:] == ["over"] and near[:1] != ["just"]


def _end(said: set[str]) -> frozenset[str]:
    if said & UPPER:
        return frozenset(("upper",))
    return frozenset(("lower",)) if said & LOWER else LIMITS


def crossed_bracket(before: list[Token]) -> bool:
    """Tell whether a bracket, or a colon behind a comparison, parts a figure from the words before it."""
    compared = any(token.text in COMPARING or token.text == "than" or token.roles & {"up", "down"} for token in before)
    return bool(before) and (before[-1].text in {"(", "[", ","} or (before[-1].text == ":" and compared))
