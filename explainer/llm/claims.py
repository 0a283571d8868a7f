"""What the words between names and figures claim: directions, sizes, that all is as usual, that nothing came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.llm.counts import check_size
from explainer.llm.directions import REACH, check_trend, take_direction
from explainer.llm.lexicon import word_set
from explainer.llm.sentence import FIGURE

if TYPE_CHECKING:
    from explainer.llm.directions import Ahead
    from explainer.llm.facts import Facts
    from explainer.llm.lexicon import Lexicon
    from explainer.llm.metric import Metric
    from explainer.llm.sentence import Sentence


_TOGETHER = word_set("both all beide alle")
_STUCK = word_set("stuck frozen repeats repeating eingefroren figée figé bloquée congelado congelada bloccato")
# A part or a task of the machine, not what it does: "loss of cooling", "heating power".
_FUNCTIONS = word_set("cooling heating")
_LACK = word_set("loss losing lost lack insufficient failing failed failure weak weakened reduced poor without")
_FUNCTION_OF = word_set(
    "capacity power system circuit failure fault element water insufficient unit output performance less"
)


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
        check_trend([metric], sentence.waiting)
        sentence.waiting, sentence.spent = None, True


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
    check_size(sentence, word, ahead.shapes, facts)
    _check_state(sentence, word, ahead.shapes, facts, lexicon)
    _note(sentence, word, lexicon)
    _check_feeling(sentence, word, ahead, facts, lexicon)
    take_direction(sentence, word, ahead, facts, lexicon)


def _note(sentence: Sentence, word: str, lexicon: Lexicon) -> None:
    """Note what a word says of the figures that follow."""
    a_normal_one = word in lexicon.same and sentence.before[-1:] and sentence.before[-1] in lexicon.copula
    announces = word in lexicon.normal and not a_normal_one  # "is a normal 5.6 kW" says what is
    sentence.normal = (sentence.normal or announces) and word not in lexicon.seen - lexicon.normal
    sentence.bounds = sentence.normal and (sentence.bounds or word in lexicon.range)
    sentence.share = sentence.share or word in lexicon.share
    if not lexicon.knows(word):
        sentence.unknown = word


def _check_state(sentence: Sentence, word: str, following: list[str], facts: Facts, lexicon: Lexicon) -> None:
    """Check claims that a metric is as usual, gives no value or does not move."""
    denied = any(one in lexicon.negation for one in sentence.before[-REACH:])
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
