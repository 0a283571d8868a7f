"""What is wrong in a profile file, by place and with a cure, from what the conversion into structs says."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

import msgspec

from devices.profiles import profile as parts
from devices.profiles.document import Place
from devices.profiles.profile import Override, Profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_T = TypeVar("_T", bound=msgspec.Struct)
_AT = re.compile(r"`(\$?[^`]*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_LEAST: dict[type[msgspec.Struct], dict[str, str]] = {Profile: {"name": "x", "topic": "x"}}
Fault = tuple[Place, str]


def converted(value: object, kind: type[_T], place: Place, faults: list[Fault]) -> _T | None:
    """Convert a part of a file; what is wrong goes to `faults`, with its place and a cure."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        found = list(_faults_by_key(value, kind)) or [_explained(str(error), value, kind)]
        faults += [((*place, *inner), why) for inner, why in found]
        return None


def _faults_by_key(value: object, kind: type[msgspec.Struct]) -> Iterator[Fault]:
    """Find what is wrong in each key: the conversion of the whole names the first fault alone."""
    for key, one in value.items() if isinstance(value, dict) else ():
        alone = {**_LEAST.get(kind, {}), key: one}
        try:
            msgspec.convert(alone, kind)
        except msgspec.ValidationError as error:
            yield _explained(str(error), alone, kind)


def _explained(text: str, value: object, kind: type[msgspec.Struct]) -> Fault:
    """Turn msgspec's words into a place and a cure."""
    head, _, _ = text.partition(" - at ")
    where = _AT.search(text) if " - at " in text else None
    place: list[str | int] = []
    found: Any = value
    for name, index in _STEP.findall(where[1]) if where else ():
        step: str | int = name or (int(index) if index.isdigit() else _first_wrong(found))
        place.append(step)
        found = _inside(found, step)
    unknown = re.search(r"unknown field `(.+)`", head)
    if unknown:
        place.append(unknown[1])
        return tuple(place), f"no such key; {_cure(unknown[1], sorted(_all_fields(kind)), kind.__struct_fields__)}"
    missing = re.search(r"missing required field `(.+)`", head)
    if missing:
        return tuple(place), f"`{missing[1]}` is missing; add it"
    if "invalid enum value" in head.lower() and place:
        return tuple(place), f"is {found!r}; {_cure(str(found), _choices(place, kind))}"
    shown = f" is {found!r}"[:80] if not isinstance(found, (dict, list)) else ""
    return tuple(place), f"{shown.strip()}{': ' if shown else ''}{head[0].lower()}{head[1:]}"


def _cure(wrong: str, known: Sequence[str], shown: Sequence[str] = ()) -> str:
    near = get_close_matches(wrong, known, 1, 0.75)
    return f"did you mean `{near[0]}`?" if near else "expected one of " + ", ".join(shown or known)


def _choices(place: list[str | int], kind: type[msgspec.Struct]) -> list[str]:
    """Return the words that may stand at a place."""
    within = parts.Refinement if "metrics" in place[:-2] else parts.Time if "time" in place[:-1] else kind
    hint = get_type_hints(within).get(str(place[-1]))
    return [word for word in get_args(hint) if isinstance(word, str)]


def _first_wrong(value: object) -> str:
    return next((str(key) for key in value), "") if isinstance(value, dict) else ""


def _inside(value: Any, step: str | int) -> Any:  # noqa: ANN401 - any YAML
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _all_fields(kind: type[msgspec.Struct]) -> set[str]:
    """Name the fields of a struct and of those within it."""
    inner = (parts.Mqtt, parts.Limits, parts.Time, parts.Pairs, parts.Refinement) if kind is not Override else ()
    return {name for one in (kind, *inner) for name in one.__struct_fields__}
