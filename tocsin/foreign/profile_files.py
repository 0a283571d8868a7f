"""Profile files, as commands use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from devices.profiles.document import ProfileError
from devices.profiles.loading import load_profiles
from devices.profiles.profile import ProfileFile
from devices.recognizer import Recognizer
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def profile_file(path: Path | None, strip: Sequence[str] = ()) -> ProfileFile:
    """Read a profile file, or none; `strip` adds prefixes.

    Raises:
        CommandError: it is wrong; every error is named with its line.
    """
    try:
        file = ProfileFile() if path is None else load_profiles(path)
    except ProfileError as error:
        raise CommandError(str(error), code=2) from error
    return replace(file, mqtt=replace(file.mqtt, strip_prefix=(*file.mqtt.strip_prefix, *strip)))


def recognizer(path: Path | None, strip: Sequence[str], own_prefix: str) -> Recognizer:
    """Make a recognizer from a profile file.

    Raises:
        CommandError: as `profile_file`.
    """
    return Recognizer.of(profile_file(path, strip), own_prefix)
