"""From a tail probability to what people read: confidence, score, severity (docs/adr/0003-meaning-of-confidence.md)."""

from __future__ import annotations

from math import log10
from typing import get_args

from contracts.anomaly import Severity

PRIOR = 1e-3  # one reading in a thousand is abnormal
_HALF_SCORE = 3.0  # decades
_MAJOR_DECADES = 1.5  # beyond the level that opens an incident; the same for the next
_CRITICAL_DECADES = 4.0


def confidence(probability: float) -> float:
    """Return how sure we are that a reading is abnormal, 0 to 1.

    Bayes' rule with one abnormal reading in a thousand, which the score surely exceeds:
    confidence = prior / (prior + (1 - prior) * probability).
    """
    return PRIOR / (PRIOR + (1.0 - PRIOR) * probability)


def decades(probability: float) -> float:
    """Return minus the decimal logarithm of a tail probability: 3 is one in a thousand."""
    return max(0.0, -log10(max(probability, 1e-300)))  # in this order: -log10(1) is -0.0


def score(probability: float) -> float:
    """Return the calibrated alarm score, 0 to 1, half at one in a thousand; unlike confidence it never saturates."""
    tens = decades(probability)
    return tens / (tens + _HALF_SCORE)


def decades_of(score: float) -> float:
    """Return the decades that a score stands for: the inverse of `score`."""
    return _HALF_SCORE * score / (1.0 - score)


def severity(probability: float, opening: float) -> Severity:
    """Name how far a tail probability lies beyond the level that opens an incident."""
    beyond = decades(probability) - decades(opening)
    if beyond < 0.0:
        return "info"
    if beyond < _MAJOR_DECADES:
        return "minor"
    return "major" if beyond < _CRITICAL_DECADES else "critical"


def worse(one: Severity, other: Severity) -> Severity:
    """Return the worse of two severities."""
    return max(one, other, key=get_args(Severity).index)
