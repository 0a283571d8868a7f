"""What a profile says of single metrics: dropped, renamed, scaled, mapped, in a unit, a counter."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec.structs import replace

from devices.profiles.profile import Refinement
from devices.values import Flat, scalar

if TYPE_CHECKING:
    from devices.profiles.profile import Profile
    from devices.telegram import DeviceReading

_PLAIN = Refinement()
_QUANTITY = re.compile(r"([+-]?(?:0|[1-9][0-9]{0,14})(?:[.,][0-9]{1,12})?) ?[^0-9\s]{0,12}", re.ASCII)


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
    else:
        number = value if not isinstance(value, str) else None if rule is _PLAIN else _quantity(value)
        if number is None:
            flat.labels[name] = str(value)
        else:
            flat.add(name, scalar(number * rule.scale + rule.offset))


def _quantity(text: str) -> float | None:
    """Read a number with a unit behind it or a decimal comma in it, of a metric that the user has named as one."""
    match = _QUANTITY.fullmatch(text.strip())
    return None if match is None else float(match[1].replace(",", "."))
