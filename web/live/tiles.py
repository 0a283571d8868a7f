"""Small JSON pieces about devices, written once for all pages that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from web.plant import Device

_encoder = msgspec.json.Encoder()
_DIGITS = 7


class Tile(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A device in the overview: its state, its newest score, and the newest value of the metric shown.

    `at` is in seconds since 1970; `learned` of `needed` readings while it is learning.
    """

    device: str
    state: str
    at: float | None = None
    score: float | None = None
    metric: str | None = None
    value: float | None = None
    unit: str | None = None
    lower: float | None = None
    upper: float | None = None
    incident: str | None = None
    learned: int = 0
    needed: int = 0
    since: float | None = None


def tile(device: Device) -> Tile:
    """Draw up a device's tile."""
    status, score, lead = device.status, device.score, device.lead
    return Tile(
        device=device.name,
        state=device.state,
        at=None if score is None else round(score.measured_at.timestamp(), 3),
        score=None if score is None else rounded(score.score),
        metric=lead,
        value=_of(score.values if score else None, lead),
        unit=status.units.get(lead) if status and lead else None,
        lower=_of(score.lower if score else None, lead),
        upper=_of(score.upper if score else None, lead),
        incident=status.incident if status else None,
        learned=status.learned if status else 0,
        needed=status.needed if status else 0,
        since=status.since.timestamp() if status else None,
    )


def encoded(piece: object) -> bytes:
    """Write a piece as JSON on one line."""
    return _encoder.encode(piece)


def rounded(value: float) -> float:
    """Cut a number to seven significant digits, which is what the ring holds."""
    return float(f"{value:.{_DIGITS}g}")


def _of(values: dict[str, float] | dict[str, float | None] | None, metric: str | None) -> float | None:
    value = None if values is None or metric is None else values.get(metric)
    return None if value is None else rounded(value)
