"""Why a row scores as it does, feature by feature.

The squared distances of a row's values from the usual ones add up, so a feature's Shapley value is its own squared
distance less that of a usual row, which is 1 (Lundberg and Lee, NeurIPS 2017, for an additive function). In units of
the raw score: a feature that is further out than usual increases it, one that is closer decreases it.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.verdicts.evidence import Bounds

_MOST = 20
_NAMED = 3
_DEVIATIONS = 5.2  # between bounds within which 99 of 100 values lie


def explanation(
    features: Sequence[str],
    values: Sequence[float | None],
    usual: Sequence[float | None],
    distances: Sequence[float],
    raw: float,
) -> dict[str, Any]:
    """Explain one row.

    Args:
        features: names (M).
        values: of the row; None where it has none.
        usual: what was expected of each; None where that is not known.
        distances: from the usual value in deviations, signed, finite.
        raw: the row's raw score, 0 upwards.

    Returns:
        `summary`, `contributions` (largest first) and `details`, as the API has them.
    """
    squares = [distance * distance for distance in distances]
    unit = raw / max(sum(squares), float(len(squares)), 1.0)
    ranked = sorted(range(len(features)), key=lambda m: -abs(squares[m] - 1.0))[:_MOST]
    contributions = [
        {
            "feature": features[m],
            "value": values[m],
            "shap_value": unit * (squares[m] - 1.0),
            "direction": "increases" if squares[m] > 1.0 else "decreases",
        }
        for m in ranked
    ]
    details = [f"{features[m]}: {_said(values[m])}, usually {_said(usual[m])}" for m in ranked]
    odd = [detail for m, detail in zip(ranked, details, strict=True) if squares[m] > 1.0][:_NAMED]
    return {
        "summary": "; ".join(odd) if odd else "every feature is close to its usual value",
        "contributions": contributions,
        "details": details,
    }


def by_bounds(
    bounds: Bounds, values: dict[str, float | None]
) -> tuple[list[str], list[float | None], list[float | None], list[float]]:
    """Return features, values, usual values and distances of a row by what was expected of it."""
    features = list(bounds.expected)
    distances = []
    for feature in features:
        value, expected = values.get(feature), bounds.expected[feature]
        width = (bounds.upper.get(feature, expected) - bounds.lower.get(feature, expected)) / _DEVIATIONS
        distance = 0.0 if value is None or width <= 0.0 else (value - expected) / width
        distances.append(distance if isfinite(distance) else 0.0)
    return features, [values.get(f) for f in features], [bounds.expected[f] for f in features], distances


def _said(value: float | None) -> str:
    return "no value" if value is None else f"{value:.4g}"
