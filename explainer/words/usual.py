"""Where a metric stands in its usual range, and how that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from explainer.words.wording import quantity

if TYPE_CHECKING:
    from contracts.anomaly import Contribution

Side = Literal["above", "below", "within", "missing", "unknown"]


def side(contribution: Contribution) -> Side:
    """Tell on which side of its usual range a metric was seen; without a range, of what was expected."""
    observed, expected = contribution.observed, contribution.expected
    if observed is None:
        return "missing"
    if contribution.upper is not None and observed > contribution.upper:
        return "above"
    if contribution.lower is not None and observed < contribution.lower:
        return "below"
    if contribution.upper is not None and contribution.lower is not None:
        return "within"
    if expected is None or observed == expected:
        return "unknown"
    return "above" if observed > expected else "below"


def seen_and_expected(contribution: Contribution) -> str:
    """Say what a metric was and what it should have been: `95.2 °C, expected 70.1 °C (usually 65 to 75 °C)`."""
    seen = quantity(contribution.observed, contribution.unit)
    if contribution.expected is None:
        return seen
    expected = f"{seen}, expected {quantity(contribution.expected, contribution.unit)}"
    usual = _usual_range(contribution)
    return f"{expected} (usually {usual})" if usual else expected


def _usual_range(contribution: Contribution) -> str:
    """Write the usual range of a metric; one number where both ends read the same, the empty text without a range."""
    if contribution.lower is None or contribution.upper is None:
        return ""
    lower, upper = quantity(contribution.lower, None), quantity(contribution.upper, contribution.unit)
    return upper if lower == quantity(contribution.upper, None) else f"{lower} to {upper}"


def seen_within(first: Contribution) -> str:
    """Say of a metric that is odd within its usual range what it should have been, where it was not just that."""
    seen, expected = quantity(first.observed, first.unit), quantity(first.expected, first.unit)
    usual = _usual_range(first)
    if first.expected is None or seen == expected:
        return f"{seen}, which is usual ({usual}), but its course is not"
    return f"{seen}, within its usual range ({usual}), but {expected} was expected"
