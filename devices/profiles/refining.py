"""What a profile says of single metrics: dropped, renamed, scaled, mapped, in a unit, a counter."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec.structs import replace

from devices.profiles.profile import Refinement
from devices.values import Flat, scalar

if TYPE_CHECKING:
    from devices.profiles.profile import Profile
    from devices.telegram import DeviceReading

_PLAIN = Refinement()


def refine(reading: DeviceReading, profile: Profile) -> DeviceReading:
    """Drop, rename, scale and map what a profile says; give units."""
    flat = Flat()
    units, counters = dict(reading.units), list(reading.counters)
    values: dict[str, float | str] = {**reading.metrics, **reading.labels}
    for name, value in values.items():
        rule = profile.metrics.get(name, _PLAIN)
        if rule.kind == "drop" or any(fnmatchcase(name, pattern) for pattern in profile.drop):
            flat.drop(name, f"the profile {profile.name} says so")
            continue
        new = rule.name or name
        _put(flat, new, value, rule)
        if rule.unit or name in units:
            units[new] = rule.unit or units[name]
        if rule.kind == "counter":
            counters.append(new)
    nulls = tuple(profile.metrics.get(name, _PLAIN).name or name for name in reading.nulls)
    return replace(
        reading,
        metrics=flat.metrics,
        labels=flat.labels,
        nulls=nulls,
        dropped={**reading.dropped, **flat.dropped},
        units={name: unit for name, unit in units.items() if name in flat.metrics},
        counters=tuple(name for name in counters if name in flat.metrics),
    )


def _put(flat: Flat, name: str, value: float | str, rule: Refinement) -> None:
    if rule.map is not None:
        word = value if isinstance(value, str) else f"{value:g}"
        mapped = rule.map.get(word)
        if mapped is None and not isinstance(value, str):
            mapped = rule.map.get(str(bool(value)).lower())
        if mapped is not None:
            flat.metrics[name] = mapped
        else:
            flat.labels[name] = word
    elif rule.kind == "label":
        flat.labels[name] = value if isinstance(value, str) else f"{value:g}"
    elif isinstance(value, str):
        flat.labels[name] = value
    else:
        flat.add(name, scalar(value * rule.scale + rule.offset))
