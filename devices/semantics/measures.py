"""What a device measures: which metrics it may have, each in the unit it keeps, counters as rates, words watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.rates import PER_HOUR, rate_unit
from contracts.topics import is_name
from devices.semantics.admission import crowded, place_for, to_be_said
from devices.semantics.counters import Counter, may_count, step
from devices.semantics.memory import Notice
from devices.semantics.units import in_unit, spelt

if TYPE_CHECKING:
    from collections.abc import Callable

    from devices.semantics.memory import DeviceMemory
    from devices.telegram import DeviceReading

_MOST_LABELS, _MOST_VALUES = 20, 50
_LEARNED = 100  # readings after which a new metric or word is worth a notice


class Measures:
    """Turns what a message holds into values that mean the same every time.

    Args:
        most: metrics of one device.
        say: takes notices for the user.
    """

    def __init__(self, most: int, say: Callable[[Notice], None]) -> None:
        self._most = most
        self._say = say

    def values(
        self, one: DeviceReading, memory: DeviceMemory, at: float
    ) -> tuple[dict[str, float | None], dict[str, str]]:
        """Return values and units; None for what has no value now.

        Args:
            one: as the message gives it.
            memory: of its device; changed in place.
            at: when it was measured, epoch s.
        """
        values: dict[str, float | None] = {}
        units: dict[str, str] = {}
        for name, value in one.metrics.items():
            unit = self._admitted(one, memory, name)
            if unit is None:
                continue
            kept, unit = in_unit(value, spelt(one.units.get(name, "")), unit)
            if name in one.counters or (may_count(name) and not unit.startswith("°")):
                self._counted(memory, name, kept, at, values, known=name in one.counters)
                if unit and name + PER_HOUR in values:
                    units[name + PER_HOUR] = rate_unit(unit)
            else:
                values[name] = kept
            if unit and name in values:
                units[name] = unit
        values |= dict.fromkeys((name for name in (*one.nulls, *one.bad_quality) if name in memory.metrics), None)
        return values, units

    def watch_labels(self, one: DeviceReading, memory: DeviceMemory) -> None:
        """An unseen word is a notice, once enough has been seen."""
        for name, word in one.labels.items():
            seen = memory.labels.get(name)
            if seen is None:
                if len(memory.labels) < _MOST_LABELS:
                    memory.labels[name] = [word]
            elif word not in seen and len(seen) < _MOST_VALUES:
                seen.append(word)
                if memory.readings >= _LEARNED:
                    self._say(Notice(one.device, "label", f"{name!r} says {word!r} for the first time"))

    def _admitted(self, one: DeviceReading, memory: DeviceMemory, name: str) -> str | None:
        """Return the unit that a metric keeps, "" for none; None when it is one too many."""
        unit = memory.metrics.get(name)
        if unit is not None:
            if memory.crowd is not None:
                memory.crowd.heard[name] = memory.heard_at
            return unit
        if len(memory.metrics) >= self._most and not self._contested(one, memory, name):
            return None
        if memory.readings >= _LEARNED:
            self._say(Notice(one.device, "schema", f"a new metric: {name!r}"))
        unit = memory.metrics[name] = spelt(one.units.get(name, ""))
        return unit

    def _contested(self, one: DeviceReading, memory: DeviceMemory, name: str) -> bool:
        """Make room for a metric that keeps coming, if another has stopped; else leave it out, and say so."""
        if memory.crowd is None:
            memory.crowd = crowded(memory.metrics, memory.heard_at)
        fresh = name not in memory.crowd.asking
        gone = place_for(memory.crowd, name, memory.heard_at, self._most)
        if gone is not None:
            memory.metrics.pop(gone, None)
            memory.counters.pop(gone, None)
            words = f"{gone!r}, not heard for a day, gives way to {name!r}: at most {self._most}"
            self._say(Notice(one.device, "too_many_metrics", words))
        elif fresh and to_be_said(memory.crowd):
            self._say(Notice(one.device, "too_many_metrics", f"{name!r} left out: at most {self._most}"))
        return gone is not None

    def _counted(  # noqa: PLR0913 - of one counter
        self,
        memory: DeviceMemory,
        name: str,
        value: float,
        at: float,
        values: dict[str, float | None],
        *,
        known: bool,
    ) -> None:
        counter = memory.counters.get(name)
        if counter is None:
            memory.counters[name] = Counter(value, at, rises=-1 if known else 0)
            return
        rate, level = step(counter, value, at, known=known)
        if level:
            values[name] = value
        elif rate is not None and is_name(name + PER_HOUR):
            values[name + PER_HOUR] = rate
