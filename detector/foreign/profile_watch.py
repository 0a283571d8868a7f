"""The profile file: read at the start, and again when it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.profiles.loading import load_profiles

if TYPE_CHECKING:
    from pathlib import Path

    from devices.profiles.profile import ProfileFile

_LOOK_EVERY_S = 1.0


class ProfileWatch:
    """Looks at the profile file now and then.

    Args:
        path: of the file.
        optional: it may be missing; then there are no profiles until it appears.

    Attributes:
        path: of the file.
        looked_at: when it was last asked whether the file has changed, epoch s.
    """

    def __init__(self, path: Path, *, optional: bool) -> None:
        self.path = path
        self.looked_at = 0.0
        self._optional = optional
        self._stamp: tuple[int, int] | None = None

    def first(self) -> ProfileFile | None:
        """Read the file; None where it is missing and may be.

        Raises:
            ProfileError: it is wrong; every error is named with its line.
        """
        self._stamp = _stamp(self.path)
        return load_profiles(self.path) if self._stamp is not None or not self._optional else None

    def changed(self, now: float, *, at_once: bool) -> ProfileFile | None:
        """Read the file if it has changed; `at_once` reads it in any case. None where there is nothing new.

        Raises:
            ProfileError: it is wrong; it is not read again until it changes.
        """
        if now - self.looked_at < _LOOK_EVERY_S and not at_once:
            return None
        self.looked_at = now
        stamp = _stamp(self.path)
        if stamp is None or (stamp == self._stamp and not at_once):
            return None
        self._stamp = stamp
        return load_profiles(self.path)


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes with the file: time and size; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
