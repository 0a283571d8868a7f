"""Claims of how many and how much that figures and words make: counts and times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.lexicon import number_words, word_set
from explainer.grounding.ratios import FRACTIONS, RATIOS, TIMES, check_fraction, check_ratio, ratio_subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from explainer.grounding.facts import Facts
    from explainer.grounding.figures import Figure
    from explainer.grounding.line import Line


_SIZES = word_set(
    """
    hundred hundreds thousand thousands million millions twenty thirty forty fifty sixty seventy eighty ninety dozen
    dozens zwanzig dreißig vierzig fünfzig hundert tausend
    """
)
_DEVICES = word_set("devices device machines sensors")
_READINGS = word_set(
    """
    reading readings abnormal unusual consecutive messwerte werte samples measurements messungen letture misure lecturas
    mediciones medidas lectures mesures relevés metingen anomalous successive
    """
)
# How many there are in a day.
_SPANS = {
    "day days tag tage tagen jour jours día días giorno giorni dag dagen": 1.0,
    "hour hours stunde stunden heure heures hora horas": 24.0,
    "minute minutes minuten": 1440.0,
    "second seconds sekunden": 86_400.0,
    "week weeks woche wochen semaine semaines semana semanas": 1 / 7,
    "month months monat monate monaten mois mes meses": 12 / 365,
    "year years": 1 / 365,
}
_SPAN_WORDS = {word: in_a_day for words, in_a_day in _SPANS.items() for word in words.split()}
_SPAN_TOLERANCE = 0.15
_LASTING = word_set("for since lasted lasting during seit depuis desde durante")
_HAPPENS = word_set("seen see happen happened happens occurred occurs once time such like")
_OFTEN_TOLERANCE = 0.35  # "about once a month"
_EACH = word_set("every each jede jeden chaque cada ogni elke")
_EVERY_OR_A = word_set("a per an pro par al")
_OFTEN = word_set("once einmal fois vez twice time times")
_SET = word_set(
    "the these both those all remaining other first last leading main top die les los las i le beiden übrigen"
)
_NO_NOUN = word_set("have has had do no together")
_METRICS = word_set(
    """
    metrics values sensors quantities of other metric signals parameters variables werte messwerte metriken grandeurs
    valeurs métriques valores métricas valori grandezze waarden
    """
)


def counts_something(line: Line, at: int, figure: Figure) -> bool:
    """Tell whether a figure counts what the evidence counts: readings, days between two such, devices.

    Raises:
        AnswerError: it counts devices, readings or days, and there are more or fewer.
    """
    facts = line.facts
    if figure.unit is not None:
        return False
    word = figure.word
    if word in _DEVICES:
        if facts.devices is None or not figure.fits(facts.devices):
            raise AnswerError(f"the evidence does not hold {figure.text} devices")
        return True
    if word in _SPAN_WORDS:
        said = [token.text for token in line.tokens[line.clause_start(at) : at]]
        if said[-1:] and said[-1] in _LASTING and not _HAPPENS.intersection(said):
            facts = replace(facts, rarity_days=None)  # how long it lasts, not how rare it is
        check_span(facts, figure.text, word, lambda fact: figure.fits(fact, roughly=True))
        return True
    if word in {"reading", "readings", "samples", "messwerte"} and not figure.fits(facts.readings):
        raise AnswerError(f"the evidence does not hold {figure.text} {word}")
    ahead = [token.text for token in line.tokens[at + 1 : at + 4]]
    if ahead[1:2] and ahead[1] in _READINGS:
        word = ahead[1]  # "36 identical readings"
    if word in {"reading", "readings"} and not figure.fits(facts.readings):
        raise AnswerError(f"the evidence does not hold {figure.text} {word}")
    counted = word in _READINGS or _is_in_brackets_with_readings(line, at)
    return counted and figure.fits(facts.readings)


def check_span(facts: Facts, said: str, word: str, fits: Callable[[float], bool]) -> None:
    """Check a time, by the days between two such events and those that the device was watched.

    Raises:
        AnswerError: the evidence holds no such time.
    """
    spans = (facts.rarity_days, facts.watched_days)
    if not any(span and fits(span * _SPAN_WORDS[word]) for span in spans):
        raise AnswerError(f"the evidence does not hold {said} {word}")


def _is_in_brackets_with_readings(line: Line, at: int) -> bool:
    return any(token.text in {"readings", "samples"} for token in line.tokens[max(0, at - 3) : at])


def check_size(line: Line, at: int) -> None:
    """Check a word that states a size, a ratio or a count.

    Raises:
        AnswerError: the evidence does not hold it.
    """
    word = line.tokens[at].text
    behind = line.tokens[at + 1].text if at + 1 < len(line.tokens) else ""
    if word in _SIZES:
        raise AnswerError(f"it states a size in words ({word})")
    if behind in FRACTIONS and (word in number_words() or word in {"a", "one"}):
        check_fraction(line, at, number_words().get(word, 1) * FRACTIONS[behind])
    elif word in RATIOS and RATIOS[word] < 1 and any("share" in token.roles for token in line.tokens):
        check_fraction(line, at, RATIOS[word])
    elif word == "twice" and _is_often(line, at + 2):
        check_span(line.facts, "twice a", line.tokens[at + 2].text, lambda fact: _is_near(0.5, fact))
    elif word in RATIOS:
        check_ratio(ratio_subjects(line, at), RATIOS[word], word, line, at)
    elif word in number_words():
        _check_count(line, at, word, behind)
    elif _is_often(line, at) and line.tokens[at - 2].text != "twice":
        check_span(line.facts, "once a", word, lambda fact: _is_near(1.0, fact))


def _is_often(line: Line, at: int) -> bool:
    """Tell whether a word ends "once a week"."""
    said = [token.text for token in line.tokens[max(0, at - 2) : at + 1]]
    if at >= len(line.tokens) or len(said) != len(("once", "a", "week")) or said[-1] not in _SPAN_WORDS:
        return False
    before, per, _span = said
    return per in _EACH or (per in _EVERY_OR_A and before in _OFTEN)


def _is_near(count: float, fact: float) -> bool:
    return abs(count / fact - 1) <= _OFTEN_TOLERANCE


def _is_set(line: Line, at: int) -> bool:
    """Tell whether a number counts metrics without saying so: "the two no longer go together"."""
    behind = line.tokens[at + 1] if at + 1 < len(line.tokens) else None
    alone = behind is None or behind.sort == "stop" or "copula" in behind.roles or behind.text in _NO_NOUN
    return alone or (at > 0 and line.tokens[at - 1].text in _SET)


def _check_count(line: Line, at: int, word: str, behind: str) -> None:
    following = {token.text for token in line.tokens[at + 1 : at + 4]}
    if behind in TIMES:
        check_ratio(ratio_subjects(line, at), number_words()[word], f"{word} times", line, at)
    elif behind in _READINGS and following & {"reading", "readings", "samples", "measurements"}:
        if number_words()[word] != line.facts.readings:
            raise AnswerError(f"the evidence does not hold {word} readings")
    elif behind in _SPAN_WORDS:
        check_span(line.facts, word, behind, lambda fact: abs(number_words()[word] / fact - 1) <= _SPAN_TOLERANCE)
    elif not (following & _METRICS or _is_set(line, at)) or number_words()[word] > len(line.facts.metrics):
        raise AnswerError(f"it states a number in words ({word})")
