"""From a file to profiles that work; every error names file, line, key and cure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from devices.profiles.document import Place, ProfileError, read_document
from devices.profiles.faults import Fault, converted
from devices.profiles.profile import Mqtt, Override, Profile, ProfileFile
from devices.profiles.topic_pattern import PatternError, compile_pattern, used_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devices.profiles.document import Document


def load_profiles(path: Path) -> ProfileFile:
    """Read and check a profile file.

    Raises:
        ProfileError: something is wrong; each line of the text is `file:line: key: what is wrong; cure`.
    """
    document = read_document(path)
    if not isinstance(document.content, dict):
        raise ProfileError(f"{path}:1: expected keys such as `profiles:`; see docs/devices.md")
    faults: list[Fault] = []
    content = dict(document.content)
    parts = {
        "profiles": _converted_list(content.pop("profiles", None) or [], faults),
        "overrides": _converted_map(content.pop("overrides", None) or {}, faults),
    }
    rest = converted(content, ProfileFile, (), faults)
    for index, profile in parts["profiles"].items():  # type: ignore[attr-defined]
        faults += [(("profiles", index, *place), why) for place, why in _examined(profile)]
    faults += [(("mqtt", *place), why) for place, why in _examined_filters(rest.mqtt if rest else Mqtt())]
    if faults or rest is None:
        raise ProfileError("\n".join(_said(document, place, why) for place, why in faults))
    profiles = tuple(parts["profiles"].values())  # type: ignore[attr-defined]
    return msgspec.structs.replace(rest, profiles=profiles, overrides=parts["overrides"])


def _converted_list(value: object, faults: list[Fault]) -> dict[int, Profile]:
    if not isinstance(value, list):
        faults.append((("profiles",), "expected a list; begin each profile with `- name: …`"))
        return {}
    found: dict[int, Profile] = {}
    names: set[str] = set()
    for index, one in enumerate(value):
        profile = converted(one, Profile, ("profiles", index), faults)
        if profile is None:
            continue
        if profile.name in names:
            faults.append((("profiles", index, "name"), f"{profile.name!r} names two profiles; give this one another"))
        names.add(profile.name)
        found[index] = profile
    return found


def _converted_map(value: object, faults: list[Fault]) -> dict[str, Override]:
    if not isinstance(value, dict):
        faults.append((("overrides",), "expected device names, each with its settings"))
        return {}
    found = ((str(key), converted(one, Override, ("overrides", str(key)), faults)) for key, one in value.items())
    return {key: one for key, one in found if one is not None}


def _examined(profile: Profile) -> Iterator[Fault]:
    """Find what types do not show: patterns, paths, zones, and keys that belong together."""
    names: set[str] = set()
    try:
        names = set(compile_pattern(profile.topic).names)
    except PatternError as error:
        yield ("topic",), str(error)
        return
    for place, path in _paths(profile):
        try:
            jmespath.compile(path)
        except JMESPathError as error:
            first = str(error).splitlines()[0]
            yield place, f"no JMESPath: {first}; keys with dots or dashes need quotes: '\"a.b\"'"
    if isinstance(profile.device, str) and (loose := used_names(profile.device) - names):
        yield ("device",), f"{{{loose.pop()}}} is no level of the topic; it has {_listed(names)}"
    if profile.time and profile.time.zone and not _is_zone(profile.time.zone):
        yield ("time", "zone"), f"{profile.time.zone!r} is no time zone; write one such as Europe/Berlin or UTC"
    if profile.payload == "csv" and not profile.columns:
        yield ("payload",), "csv needs `columns`: the names of the values in their order, '' for one to skip"
    for index, column in enumerate(profile.columns):
        if loose := used_names(column) - names:
            yield ("columns", index), f"{{{loose.pop()}}} is no level of the topic; it has {_listed(names)}"


def _paths(profile: Profile) -> Iterator[tuple[Place, str]]:
    found: list[tuple[Place, str | None]] = [
        (("when",), profile.when),
        (("root",), profile.root),
        (("device", "path"), getattr(profile.device, "path", None)),
        (("time", "path"), profile.time.path if profile.time else None),
    ]
    if profile.pairs:
        pairs = profile.pairs
        found += [(("pairs", key), getattr(pairs, key)) for key in ("list", "name", "value", "unit")]
    yield from ((place, path) for place, path in found if path is not None)


def _examined_filters(mqtt: Mqtt) -> Iterator[Fault]:
    for index, topic_filter in enumerate(mqtt.subscribe):
        levels = topic_filter.split("/")
        if "#" in levels[:-1] or any(len(level) > 1 and set(level) & set("+#") for level in levels):
            yield ("subscribe", index), f"{topic_filter!r} is no topic filter; wildcards stand for whole levels"
        elif topic_filter in {"#", "+/#"}:
            yield (
                ("subscribe", index),
                f"{topic_filter!r} takes in the whole broker; name what you want, e.g. zigbee2mqtt/#",
            )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def _listed(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none in braces"


def _said(document: Document, place: Place, why: str) -> str:
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
    return f"{document.name}:{document.line(place)}: {key or 'the file'}: {why}"
