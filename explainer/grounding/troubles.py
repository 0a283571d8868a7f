"""Claims of a kind of trouble, or of none: stuck, noisy, missing, silent, sudden, slow, as usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.errors import AnswerError
from explainer.grounding.directions import AROUND, is_denied
from explainer.grounding.feelings import LESS, check_feeling
from explainer.grounding.lexicon import word_set
from explainer.grounding.subjects import subjects_of

if TYPE_CHECKING:
    from explainer.grounding.line import Line
    from explainer.grounding.metric import Metric

_VALUES = word_set(
    "value values wert data reading readings signal measurement measurements messwerte message messages valor valeur"
)
_NOISE = word_set(
    "noise fluctuation fluctuations variance variability jitter oscillation oscillations swings instability"
)
_SHRINKS = word_set("decreased reduced fallen fell dropped declined shrunk diminished lower less smaller")
_NONE = word_set("no kein keine any ningún aucune aucun nessun geen plus")
_LEAVES = word_set("outside out left leaves leave leaving exceeds beyond außerhalb hors fuera fuori buiten")
_UNREAL = word_set("what would should been wäre wären serait sería sarebbe")  # "118 °C would have been normal"
_AHEAD = word_set("ahead fast faster future early forward")
_BEHIND = word_set("behind slow slower past late lag lags lagging backward")
_SUDDEN_UNFIT, _SLOW_UNFIT = frozenset(("drift",)), frozenset(("spike",))
_STOPS_WELL = word_set(
    """
    reporting sending delivering updating changing moving responding giving transmitting providing working arriving
    coming producing communicating to
    """
)


def take_trouble(line: Line, at: int) -> None:
    """Check a word that may name a kind of trouble, or claim that there is none.

    Raises:
        AnswerError: the evidence holds another.
    """
    _check_stuck(line, at)
    _check_noise(line, at)
    _check_pace(line, at)
    _check_clock(line, at)
    if not line.facts.metrics:
        return
    _check_silence(line, at)
    _check_missing(line, at)
    _check_usual(line, at)
    _check_leaving(line, at)
    check_feeling(line, at)


def _check_clock(line: Line, at: int) -> None:
    word, clock = line.tokens[at].text, line.facts.clock
    if (word in _AHEAD and clock == "down") or (word in _BEHIND and clock == "up"):
        raise AnswerError(f"the clock is not {word}")


def _check_stuck(line: Line, at: int) -> None:
    token = line.tokens[at]
    stuck = line.facts.kind == "stuck"
    if "stuck" in token.roles and not stuck and not is_denied(line, at):
        raise AnswerError("it says that a value is stuck which moves")
    if stuck and "moved" in token.roles and "same" not in token.roles and "stuck" not in token.roles:
        denied = is_denied(line, at) or any("without" in one.text or one.text == "no" for one in line.tokens[:at])
        moves = any(one.roles & {"copula"} for one in line.tokens[max(0, at - 2) : at])
        if moves and not denied and subjects_of(line, at, strict=True):
            raise AnswerError("it says that a value moves which is stuck")


def _check_noise(line: Line, at: int) -> None:
    """Only noise may be called so, of the metric that it is about; and not less than usual."""
    token = line.tokens[at]
    behind = line.tokens[at + 1].text if at + 1 < len(line.tokens) else ""
    noisy = "noisy" in token.roles or ("up" in token.roles and behind in AROUND and token.text.startswith("jump"))
    kind = line.facts.kind
    if "calm" in token.roles and kind == "noise":
        raise AnswerError("it says that a value is calm which is noisy")
    if not noisy:
        return
    if is_denied(line, at):
        if kind == "noise":
            raise AnswerError("it says that a value is calm which is noisy")
        return
    if kind != "noise":
        raise AnswerError(f"it says that something is noisy ({token.text}), which the evidence does not hold")
    behind_it = line.tokens[at + 1 : at + 4]
    farther = line.tokens[at + 1 : at + 7]
    shrinks = token.text in _NOISE and any(
        one.text in _SHRINKS for one in (*line.tokens[max(0, at - 1) : at], *farther)
    )
    if shrinks or any(one.text in LESS for one in behind_it):
        raise AnswerError("it says that a value is calm which is noisy")
    if any(not metric.is_first for metric in subjects_of(line, at, strict=True)):
        raise AnswerError("it says of another metric that it is noisy")


def _check_pace(line: Line, at: int) -> None:
    roles = line.tokens[at].roles
    if "sudden" in roles and line.facts.kind in _SUDDEN_UNFIT and not is_denied(line, at):
        raise AnswerError("it says that a drift was sudden")
    if "gradual" in roles and line.facts.kind in _SLOW_UNFIT and not is_denied(line, at):
        raise AnswerError("it says that a sudden change was slow")


def _check_silence(line: Line, at: int) -> None:
    """Who sends some metrics is not silent."""
    token = line.tokens[at]
    start, end = line.clause_start(at), line.clause_end(at)
    of_metric = any(line.metric_at(place) for place in range(start, end))
    nothing = token.text in _VALUES and at and line.tokens[at - 1].text in _NONE
    if (
        ("silent" in token.roles or nothing)
        and not of_metric
        and any(one.seen is not None for one in line.facts.metrics)
    ):
        raise AnswerError("it says that the device is silent, which sends some values")


def _check_missing(line: Line, at: int) -> None:
    token = line.tokens[at]
    no_value = token.text in _VALUES and at and line.tokens[at - 1].text in _NONE
    stops = token.text in {"stopped", "stops", "ceased"} and not any(
        one.text in _STOPS_WELL for one in line.tokens[at + 1 : at + 3]
    )
    if not (no_value or stops or "missing" in token.roles):
        return
    for metric in subjects_of(line, at, strict=True):
        if metric.seen is not None and not (stops and metric.seen == 0):
            raise AnswerError("it says that a value is missing which is there")


def _check_usual(line: Line, at: int) -> None:
    """Check claims that a metric is as usual."""
    if is_denied(line, at) or (line.facts.kind == "stuck" and "moved" in line.tokens[at].roles):
        return
    if _says_usual(line, at):
        others = any("other" in one.roles for one in line.tokens)
        if line.is_vague(at) and not others and any(one.side == "within" for one in line.facts.metrics):
            return  # "the electrical load looks normal"
        for metric in _usual_ones(line, at):
            if metric.side not in {"within", "unknown"}:
                raise AnswerError(f"{metric.name} is not within its usual range")


def _says_usual(line: Line, at: int) -> bool:
    token, end = line.tokens[at], line.clause_end(at)
    before = line.tokens[max(line.clause_start(at), at - 3) : at]
    behind = line.tokens[at + 1 : end]
    if "within" in token.roles and any("limit" in one.roles for one in behind[:5]):
        return True
    of_else = bool(behind) and behind[0].sort == "word" and not behind[0].roles  # "at normal sun"
    if "same" not in token.roles or of_else or any(one.text in _UNREAL for one in before):
        return False
    if behind and behind[0].sort == "name" and behind[0].metric is not None:
        return any(one.text in {"with", "at", "despite", "mit", "bei"} for one in before) or not before
    if behind and (
        behind[0].sort == "figure" or "limit" in behind[0].roles or behind[0].text in {"value", "level", "to"}
    ):
        told = len(before) > 1 and bool(before[-2].roles & {"copula"} or before[-2].text in {"at", "bei"})
        return told and before[-1].text in {"a", "an", "ein"} and behind[0].sort == "figure"
    if before and before[-1].sort == "name":
        return not behind or behind[0].text in {"at", "with", "bei", "mit"}  # "pressure normal"
    recent = before[-2:]
    return any("copula" in one.roles for one in recent) and not any(one.sort == "figure" for one in before)


def _usual_ones(line: Line, at: int) -> list[Metric]:
    following = line.metric_at(at + 1) if at + 1 < len(line.tokens) else None
    return [following] if following is not None else subjects_of(line, at)


def _check_leaving(line: Line, at: int) -> None:
    """Check claims that a metric left its usual range."""
    token = line.tokens[at]
    behind = line.tokens[at + 1 : min(at + 6, line.clause_end(at))]
    if token.text not in _LEAVES or not any("limit" in one.roles for one in behind) or is_denied(line, at):
        return
    for metric in subjects_of(line, at):
        if metric.side == "within":
            raise AnswerError("it says that a metric left its usual range which did not")
