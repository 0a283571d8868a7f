"""What the words between names and figures claim: directions, sizes, that all is as usual, that nothing came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm.sentence import FIGURE, NAME

if TYPE_CHECKING:
    from explainer.llm.facts import Facts, Metric, Trend
    from explainer.llm.figures import StatedNumber
    from explainer.llm.lexicon import Lexicon
    from explainer.llm.sentence import Sentence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL = _words(
    "of the a an its in to their far well slightly much significantly der den dem die das deutlich la le il lo"
)
# "high severity", "lower limit": no direction of the metric.
_NO_TREND = _words(
    "severity confidence score risk likelihood probability limit limits bound bounds end alert priority time times"
)
# These stand before the metric that they speak of: "high temperature".
_BEFORE_NAME = _words(
    """
    high higher elevated low lower rising falling increased decreased increasing decreasing excessive reduced
    insufficient raised weak hohe hoher niedrige erhöhte
    """
)
_COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12,
}  # fmt: skip
_RATIOS = {
    "half": 0.5, "halved": 0.5, "hälfte": 0.5, "halbiert": 0.5, "twice": 2.0, "double": 2.0, "doubled": 2.0,
    "doubling": 2.0, "verdoppelt": 2.0, "doppelt": 2.0, "triple": 3.0, "tripled": 3.0, "threefold": 3.0,
    "verdreifacht": 3.0, "tenfold": 10.0, "quadrupled": 4.0, "fourfold": 4.0, "third": 1 / 3,
}  # fmt: skip
_SIZES = _words(
    """
    hundred hundreds thousand thousands million millions twenty thirty forty fifty sixty seventy eighty ninety dozen
    dozens quarter zwanzig dreißig vierzig fünfzig hundert tausend
    """
)
DEVICES = _words("devices device machines sensors")
_READINGS = _words("reading readings abnormal unusual")
_METRICS = _words("metrics values sensors quantities of other metric")
_TOGETHER = _words("both all beide alle")
_STUCK = _words("stuck frozen repeats repeating eingefroren figée figé bloquée congelado congelada bloccato")
# "went up to 3.1" is a direction, "values up to 3.1" is none.
_MOTION = _words("is are was gone went go goes going came come comes has moved shot jumped crept sped all way")
# A part or a task of the machine, not what it does: "loss of cooling", "heating power".
_FUNCTIONS = _words("cooling heating")
_LACK = _words("loss losing lost lack insufficient failing failed failure weak weakened reduced poor without")
_FUNCTION_OF = _words(
    "capacity power system circuit failure fault element water insufficient unit output performance less"
)
_RATIO_TOLERANCE = 0.15
_RATIO_MORE = 0.5  # "more than doubled" is not said of five times
_REACH = 4  # words over which a negation reaches


def take_name(sentence: Sentence, metric: Metric | None, lexicon: Lexicon) -> None:
    """Read the name of a metric, or of what has no figures (None)."""
    if metric is None:
        return
    if not sentence.joined or sentence.spent:
        sentence.open, sentence.spent = [], False
    announced = sentence.before[-1:] and sentence.before[-1] in lexicon.normal
    sentence.last, sentence.last_is_old, sentence.joined, sentence.unknown = metric, False, True, None
    sentence.normal = bool(announced) and sentence.waiting is None
    sentence.bounds = False
    sentence.open.append(metric)
    sentence.named.append(metric)
    sentence.told.append(metric)
    if sentence.waiting is not None:
        _check_trend([metric], sentence.waiting)
        sentence.waiting, sentence.spent = None, True


@dataclass(frozen=True, slots=True)
class Ahead:
    """What follows a word: the shapes of the next tokens, and the metric named next."""

    shapes: list[str]
    metric: Metric | None


def take_word(sentence: Sentence, word: str, ahead: Ahead, facts: Facts, lexicon: Lexicon) -> None:
    """Read a word.

    Raises:
        AnswerError: it claims what the evidence does not hold.
    """
    sentence.joined = sentence.joined and word in lexicon.join
    if word in _TOGETHER and sentence.named:
        sentence.open, sentence.spent = list(sentence.named), False
    if word in lexicon.other:
        sentence.open, sentence.spent = [one for one in facts.metrics if one not in sentence.told], False
    if word in facts.foreign:
        raise AnswerError(f"the evidence has no {word}")
    _check_size(sentence, word, ahead.shapes, facts)
    _check_state(sentence, word, ahead.shapes, facts, lexicon)
    _note(sentence, word, lexicon)
    _check_feeling(sentence, word, ahead, facts, lexicon)
    _take_direction(sentence, word, ahead, facts, lexicon)


def is_count(stated: StatedNumber, facts: Facts) -> bool:
    """Tell whether a number counts the incident's readings, or the days between two such."""
    if stated.word in DEVICES and stated.unit is None:
        return facts.devices is not None and stated.fits(facts.devices)
    if stated.counts_days:
        return facts.rarity_days is not None and stated.fits(facts.rarity_days)
    return stated.counts_readings and stated.fits(facts.readings)


def check_ratio(metric: Metric | None, ratio: float, word: str, *, least: bool = False) -> None:
    """Check that a metric was seen at so many times what was expected; `least` if it may be somewhat more.

    Raises:
        AnswerError: it was not.
    """
    if metric is None or metric.ratio is None:
        raise AnswerError(f"the evidence does not hold {word!r}")
    off = metric.ratio / ratio - 1
    if off > (_RATIO_MORE if least else _RATIO_TOLERANCE) or off < -(0.0 if least else _RATIO_TOLERANCE):
        raise AnswerError(f"the evidence does not hold {word!r}")


def check_widths(metric: Metric, stated: StatedNumber) -> None:
    """Check how many widths of its usual range a metric is off.

    Raises:
        AnswerError: it is not that far off.
    """
    if not (metric.seen and len(metric.bounds) == 2 and metric.bounds[0] < metric.bounds[1]):  # noqa: PLR2004 - two ends
        raise AnswerError("the evidence does not hold how many widths that is")
    (seen,), (lower, upper) = metric.seen, metric.bounds
    if not stated.fits(max(seen - upper, lower - seen) / (upper - lower)):
        raise AnswerError(f"{metric.name} is not {stated.text} widths off")


def more_than(sentence: Sentence) -> bool:
    """Tell whether the words just read were "more than"."""
    return sentence.before[-2:] == ["more", "than"] or sentence.before[-1:] == ["over"]


def _note(sentence: Sentence, word: str, lexicon: Lexicon) -> None:
    """Note what a word says of the figures that follow."""
    a_normal_one = word in lexicon.same and sentence.before[-1:] and sentence.before[-1] in lexicon.copula
    announces = word in lexicon.normal and not a_normal_one  # "is a normal 5.6 kW" says what is
    sentence.normal = (sentence.normal or announces) and word not in lexicon.seen - lexicon.normal
    sentence.bounds = sentence.normal and (sentence.bounds or word in lexicon.range)
    sentence.share = sentence.share or word in lexicon.share
    if not lexicon.knows(word):
        sentence.unknown = word


def _check_size(sentence: Sentence, word: str, following: list[str], facts: Facts) -> None:
    behind = next(iter(following), "")
    if word in _SIZES:
        raise AnswerError(f"it states a size in words ({word})")
    if word in _RATIOS:
        alone = facts.metrics[0] if len(facts.metrics) == 1 else None
        check_ratio(sentence.last or alone, _RATIOS[word], word, least=more_than(sentence))
    count = _COUNTS.get(word)
    if count is None:
        return
    if behind == "times":
        check_ratio(sentence.last, count, f"{word} times", least=more_than(sentence))
    elif behind in _READINGS and (behind in {"reading", "readings"} or "readings" in following[:3]):
        if count != facts.readings:
            raise AnswerError(f"the evidence does not hold {word} readings")
    elif behind not in _METRICS or count > len(facts.metrics):
        raise AnswerError(f"it states a number in words ({word})")


def _check_state(sentence: Sentence, word: str, following: list[str], facts: Facts, lexicon: Lexicon) -> None:
    """Check claims that a metric is as usual, gives no value or does not move."""
    denied = any(one in lexicon.negation for one in sentence.before[-_REACH:])
    if word in _STUCK and not facts.stuck and not denied:
        raise AnswerError("it says that a value is stuck which moves")
    if not facts.metrics:
        return
    recent = sentence.before[-2:]
    as_usual = word in lexicon.same and not denied and any(one in lexicon.copula for one in recent)
    as_usual = as_usual and "what" not in sentence.before[-3:] and not (facts.stuck and word in lexicon.not_moving)
    in_range = word in lexicon.within and any(one in lexicon.range for one in following[:4])
    if (as_usual and FIGURE not in recent) or (in_range and not denied):
        for metric in sentence.subjects:
            if metric.side not in {"within", "unknown"}:
                raise AnswerError(f"{metric.name} is not within its usual range")
    no_value = word in {"value", "values", "wert"} and recent[-1:] in (["no"], ["kein"])
    says_missing = no_value or word in lexicon.missing
    if says_missing and any(one.seen for one in sentence.subjects):
        raise AnswerError("it says that a value is missing which is there")


def _check_feeling(sentence: Sentence, word: str, ahead: Ahead, facts: Facts, lexicon: Lexicon) -> None:
    """Check words that name quantity and direction in one: hot, cold, humid, dry."""
    behind = [one for one in sentence.before[-2:] if one != "of"][-1:]
    lacking = not _LACK.isdisjoint(behind) or not _FUNCTION_OF.isdisjoint(ahead.shapes[:1])
    is_function = word in _FUNCTIONS and lacking
    for words, quantity, trend in (
        (lexicon.hot, "temperature", "up"),
        (lexicon.cold, "temperature", "down"),
        (lexicon.wet, "humidity", "up"),
        (lexicon.dry, "humidity", "down"),
        (lexicon.fast, "speed", "up"),
        (lexicon.slow, "speed", "down"),
    ):
        if word in words and not is_function:
            metrics = facts.quantities.get(quantity, ())
            if not metrics:
                raise AnswerError(f"the evidence has no {quantity} ({word})")
            if all(metric.trend != trend for metric in metrics):
                raise AnswerError(f"{metrics[0].name} does not say {word}")


def _take_direction(sentence: Sentence, word: str, ahead: Ahead, facts: Facts, lexicon: Lexicon) -> None:
    trend = _trend(word, next(iter(sentence.before[-1:]), ""), ahead.shapes, lexicon)
    if trend is None or not facts.metrics:  # where no metric is shown, "down" is said of a device
        return
    if any(one in lexicon.negation for one in sentence.before[-_REACH:]):
        raise AnswerError(f"it denies a direction ({word}), which cannot be checked")
    if word in _BEFORE_NAME and ahead.metric is not None and _names_at_once(ahead.shapes):
        sentence.waiting = trend
        return
    if subjects := sentence.subjects:
        _check_trend(subjects, trend)
        _check_range_claim(subjects, ahead.shapes, lexicon)
        sentence.spent = True
    elif ahead.metric is not None:
        sentence.waiting = trend
    else:  # "Rare drift upwards": said of what the anomaly is about
        _check_trend([facts.metrics[0]], trend)


def _trend(word: str, before: str, following: list[str], lexicon: Lexicon) -> Trend | None:
    if following and (following[0] in _NO_TREND or (word == "loss" and following[:2] not in (["of", NAME], [NAME]))):
        return None
    if word in lexicon.over | lexicon.under:
        rest = [one for one in following[:3] if one not in _SMALL]
        claimed = rest[:1] == [FIGURE] or (rest[:1] and rest[0] in lexicon.normal)
        return ("up" if word in lexicon.over else "down") if claimed else None
    if word in {"up", "down"} and following[:1] == ["to"] and before not in _MOTION:
        return None
    return "up" if word in lexicon.up else "down" if word in lexicon.down else None


def _names_at_once(following: list[str]) -> bool:
    """Tell whether a name follows directly or behind one small word."""
    return following[:1] == [NAME] or (following[:1] != [] and following[0] in _SMALL and following[1:2] == [NAME])


def _check_trend(metrics: list[Metric], trend: Trend) -> None:
    for metric in metrics:
        if metric.trend != trend:
            seen = {"up": "above what was expected", "down": "below what was expected", None: "on neither side"}
            raise AnswerError(f"{metric.name} was seen {seen[metric.trend]}, not {trend}")


def _check_range_claim(metrics: list[Metric], following: list[str], lexicon: Lexicon) -> None:
    """A metric within its range may be above what was expected, never above its range."""
    if any(one in lexicon.range for one in following[:4]) and any(one.side == "within" for one in metrics):
        raise AnswerError("it says that a metric left its usual range which did not")
