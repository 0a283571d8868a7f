"""What a profile file makes a listener subscribe to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.profiles.topic_pattern import compile_pattern

if TYPE_CHECKING:
    from devices.profiles.profile import ProfileFile


def topic_filters(file: ProfileFile) -> tuple[str, ...]:
    """List the topic filters that a file names, and those of its profiles, each once; never the whole broker."""
    named = [*file.mqtt.subscribe]
    for profile in file.profiles:
        pattern = compile_pattern(profile.topic).topic_filter
        named += [prefix + pattern for prefix in file.mqtt.strip_prefix] or [pattern]
    return tuple(dict.fromkeys(one for one in named if set(one.split("/")) - {"+", "#"}))
