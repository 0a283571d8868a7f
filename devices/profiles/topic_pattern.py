"""Topic patterns: `plant/{line}/{device}/data`; `{x}` is one level, `{x+}` one or more, `+` and `#` as in MQTT."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LEVEL = re.compile(r"\{([a-z_][a-z0-9_]*)(\+?)\}")
_USE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


class PatternError(ValueError):
    """This is no topic pattern; the text says why and what to write."""


@dataclass(frozen=True, slots=True)
class TopicPattern:
    """A compiled pattern.

    Attributes:
        text: as written.
        names: of its levels.
        topic_filter: the MQTT filter that covers it.
    """

    text: str
    names: tuple[str, ...]
    topic_filter: str
    regex: re.Pattern[str]

    def match(self, topic: str) -> dict[str, str] | None:
        """Return the named levels of a topic, None when it does not match."""
        found = self.regex.fullmatch(topic)
        return None if found is None else found.groupdict()


def compile_pattern(text: str) -> TopicPattern:
    """Read a pattern.

    Raises:
        PatternError: it is empty, names a level twice, or mixes text and braces in one level.
    """
    if not text or len(text) > 500:  # noqa: PLR2004 - no topic is longer
        raise PatternError("expected a topic such as 'plant/{device}/data'")
    names: list[str] = []
    parts: list[str] = []
    filters: list[str] = []
    levels = text.split("/")
    for index, level in enumerate(levels):
        part, level_filter, name = _level(level, last=index == len(levels) - 1)
        if name in names:
            raise PatternError(f"level {{{name}}} is named twice")
        names += [name] if name else []
        parts.append(part)
        if "#" not in filters:
            filters.append(level_filter)
    regex = "/".join(parts).replace("/(?:.*)", "(?:/.*)?")
    return TopicPattern(text, tuple(names), "/".join(filters), re.compile(regex, re.DOTALL))


def _level(level: str, *, last: bool) -> tuple[str, str, str]:
    """Return regex, MQTT filter and name of one level."""
    match = _LEVEL.fullmatch(level)
    if match:
        return (f"(?P<{match[1]}>.+)", "#", match[1]) if match[2] else (f"(?P<{match[1]}>[^/]+)", "+", match[1])
    if level == "+":
        return "[^/]*", "+", ""
    if level == "#":
        if not last:
            raise PatternError("'#' may only be the last level")
        return "(?:.*)", "#", ""
    if set(level) & set("{}+#"):
        raise PatternError(f"level {level!r}: braces and wildcards stand for a whole level, such as '{{device}}'")
    return re.escape(level), level, ""


def used_names(template: str) -> set[str]:
    """Return the levels that a template such as `{line}-{device}` uses."""
    return set(_USE.findall(template))


def fill(template: str, levels: dict[str, str]) -> str:
    """Put levels into a template; a name that is missing stays as it is."""
    return _USE.sub(lambda match: levels.get(match[1], match[0]), template)
