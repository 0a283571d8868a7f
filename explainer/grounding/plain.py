"""A text in plain words: without markup, signs, abbreviations, times of day and manners of speaking of other words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explainer.grounding.units import with_unit_signs
from explainer.words.wording import compared_in_words

if TYPE_CHECKING:
    from explainer.grounding.facts import Facts

# An abbreviation's full stop ends no sentence.
_SHORT = re.compile(r"\b(exp|typ|approx|ca|norm|avg|vs|temp|resp|e\.g|i\.e|min|max|bzw|env)\.(?=[\s,)])", re.IGNORECASE)
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("`*#", ""),
        **dict.fromkeys("~≈", " about "),
        "⟦": "(",
        "⟧": ")",
        "₂": "2",
        "₃": "3",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    }
)
_PER_MINUTE = re.compile(r"\b1/min\b")  # a unit must not begin with a figure
_ARROW = re.compile(r"\s*(?:->|=>|→|⇒)\s*")
_CARBON_DIOXIDE = re.compile(r"\bcarbon dioxide\b", re.IGNORECASE)
_TIMES = re.compile(r"(?<=\d)\s?(?:\N{MULTIPLICATION SIGN}|x\b)\s?")
_NO_NUMBER = re.compile(r"\b[23]-?D\b")
_SPEAKER = "(?:we|you|one|i)(?:'d| would| had)?"
_SAID_AS = (
    (re.compile(r"\bper cent\b", re.IGNORECASE), "percent"),
    (re.compile(r"\bhalf (?:a|an) (?=degree|percent|volt|amp|bar|metre|meter|kilo)", re.IGNORECASE), "0.5 "),
    (re.compile(r"\b(?:one|a|1)[ -]and[ -]a[ -]half times\b", re.IGNORECASE), "1.5 times"),
    (re.compile(r"\b(?:up and down|back and forth)\b", re.IGNORECASE), "erratically"),
    (re.compile(r"(?<=\d)\s?-?\s?fach(?:e[ns]?)?\b", re.IGNORECASE), " times"),
    (re.compile(r"[ΔΔ∆]\s?"), "difference "),
    (re.compile(r"\bjust (?:under|below|shy of)(?=\s[-+]?\d)", re.IGNORECASE), "justunder"),
    (re.compile(r"\bjust (?:over|above)(?=\s[-+]?\d)", re.IGNORECASE), "justover"),
    (re.compile(r"\bby (?:less than|under)(?=\s\d)", re.IGNORECASE), "by upto"),
    (re.compile(r"\bin the ([2-9])0s\b", re.IGNORECASE), r"about \g<1>5"),
    (re.compile(r"\s?[↑▲]"), " rising"),
    (re.compile(r"\s?[↓▼]"), " falling"),
    (re.compile(r"\bso far\b", re.IGNORECASE), ""),
    (re.compile(r"\b(?:where|as|what|how) (?:it|they) (?:should|ought to) be\b", re.IGNORECASE), "normal"),
    (re.compile(r"\b(?:suggest|impl(?:y|ie))s? that\b", re.IGNORECASE), "shows that"),
    (re.compile(r"\b(make|making)(s?) up\b", re.IGNORECASE), r"account\2 for"),
    (re.compile(r"\bhalf(?: as \w+)? again\b", re.IGNORECASE), "1.5 times"),
    (re.compile(r"\b(upper|lower|top|bottom) (?:end|edge|one)\b", re.IGNORECASE), r"\1 limit"),
    (re.compile(rf"\bwhat {_SPEAKER}(?: normally)? expect(?:ed)?\b", re.IGNORECASE), "what is expected"),
)
_ZERO = re.compile(r"\bzero\b", re.IGNORECASE)
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# A count of readings or days in words.
_COUNT = re.compile(
    rf"\b(?:{'|'.join(_TEENS)}|(?:{'|'.join(_TENS)})(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)"
    r"(?=(?: \w+){0,2} (?:readings|samples|measurements|values|days|weeks|months|hours|minutes)\b)",
    re.IGNORECASE,
)
_OCLOCK = re.compile(
    r"\b(\d{1,2}|[a-z]+)(?: o'clock)?"
    r"(?: (?:in the|this) (morning|afternoon|evening)| ?([ap])\.?m\b\.?| o'clock\b| Uhr\b| ?h\b(?!/)| heures\b)",
    re.IGNORECASE,
)
_HOURS = ("twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
_AND_A_HALF = re.compile(rf"\b({'|'.join(_HOURS[2:])})[ -]and[ -]a[ -]half times\b", re.IGNORECASE)
_AM_PM = 12
_CLOCK = re.compile(r"\d\d:(\d\d)")
_FIRST_TEEN = 13


def plain_text(text: str) -> str:
    """Write a text without markup, and with words for signs: "below 5" for "< 5"."""
    compared = compared_in_words(_CARBON_DIOXIDE.sub("CO2", text.translate(_SIGNS)))
    for pattern, meaning in _SAID_AS:
        compared = pattern.sub(meaning, compared)
    compared = _TIMES.sub(" times ", _NO_NUMBER.sub("", compared))
    compared = _AND_A_HALF.sub(lambda said: f"{_HOURS.index(said[1].lower())}.5 times", compared)
    compared = _COUNT.sub(lambda said: _in_digits(said[0]), compared)
    return with_unit_signs(_ZERO.sub("0", _SHORT.sub(r"\1", _ARROW.sub(" to ", compared))))


def without_moment(text: str, facts: Facts) -> str:
    """Put "then" for the time at which an incident began."""
    for minutes in {found[1] for moment in facts.moments if (found := _CLOCK.fullmatch(moment)) is not None}:
        text = re.sub(rf"(?<![\d:.,]){facts.hour}[:h.]{minutes}(?![\d:])", "then", text)  # "6:00"
    for moment in facts.moments:
        text = text.replace(moment, "then")
    text = _OCLOCK.sub(lambda said: "then" if _is_hour(said, facts.hour) else said[0], text)
    return _PER_MINUTE.sub("rpm", text)


def _in_digits(words: str) -> str:
    first, _, second = words.lower().replace("-", " ").partition(" ")
    if first in _TEENS:
        return str(_FIRST_TEEN + _TEENS.index(first))
    return str(10 * (2 + _TENS.index(first)) + (_HOURS.index(second) if second else 0))


def _is_hour(match: re.Match[str], hour: int) -> bool:
    """Tell whether "six in the morning", "6 pm" or "6 Uhr" is an hour of the day."""
    said = match[1].lower()
    number = int(said) if said.isdigit() else _HOURS.index(said) if said in _HOURS else None
    half = (match[2] or match[3] or "").lower()
    wrong_half = half != "" and (half in {"morning", "a"}) != (hour < _AM_PM)
    return number is not None and number % _AM_PM == hour % _AM_PM and not wrong_half
