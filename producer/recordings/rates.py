"""Counters of a recording: their rates stand in place of their values, as with devices that speak other languages."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from contracts.rates import PER_HOUR, hourly_rate, rate_unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_OFTEN: Final = 8


class Rates:
    """Follows the counters of each device.

    Args:
        counters: metrics that only rise.
    """

    def __init__(self, counters: Collection[str]) -> None:
        self._counters = counters
        self._newest: dict[tuple[str, str], tuple[float, float]] = {}  # value and time of a device's counter

    def values(self, device: str, values: Mapping[str, float | None], at: float) -> dict[str, float | None]:
        """Return values with each counter's rate in its place; one that has none yet, or after a reset, is absent.

        Args:
            device: whose.
            values: of a row.
            at: when they were measured, epoch s.
        """
        shown: dict[str, float | None] = {}
        for name, value in values.items():
            if name not in self._counters:
                shown[name] = value
            elif value is None:
                shown[name + PER_HOUR] = None
            elif (rate := self._rate(device, name, value, at)) is not None:
                shown[name + PER_HOUR] = rate
        return shown

    def units(self, units: Mapping[str, str]) -> dict[str, str]:
        """Return units of the same metrics."""
        return dict(
            (name + PER_HOUR, rate_unit(unit)) if name in self._counters else (name, unit)
            for name, unit in units.items()
        )

    def _rate(self, device: str, name: str, value: float, at: float) -> float | None:
        last, since = self._newest.get((device, name), (value, at))
        if at < since:  # history: what is newer was counted
            return None
        self._newest[device, name] = value, at
        return hourly_rate(value - last, at - since)


def only_rises(values: Iterable[float | None]) -> bool:
    """Tell whether values look like a counter's: they never fall, and rise too often for that to be chance."""
    steps = [newer - older for older, newer in pairwise(value for value in values if value is not None)]
    return all(step >= 0 for step in steps) and sum(step > 0 for step in steps) >= _OFTEN
