"""How long the profile file allows devices to be silent, and who has been for longer."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from devices.profiles.profile import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from devices.profiles.profile import Override

_LOOK_EVERY_S = 1.0


class AllowedSilence:
    """Names each device once that is silent for too long, until it is heard again."""

    def __init__(self) -> None:
        self._allowed: list[tuple[str, float]] = []
        self._told: set[str] = set()
        self._looked_at = 0.0
        self._listening_from: float | None = None  # nobody is silent while we are not there

    def rule(self, overrides: Mapping[str, Override]) -> None:
        """Go by these rules from now on: by patterns of device names, the first that fits counts."""
        self._allowed = [(name, seconds(one.silent_after)) for name, one in overrides.items() if one.silent_after]

    def of(self, device: str) -> float | None:
        """Return for how many seconds a device may be silent; None where no rule says so."""
        return next((after for pattern, after in self._allowed if fnmatchcase(device, pattern)), None)

    def heard(self, device: str) -> None:
        """Note that a device has sent something."""
        self._told.discard(device)

    def overdue(self, now: float, heard_at: Iterable[tuple[str, float]], muted: Callable[[str], bool]) -> list[str]:
        """Return who has been silent for too long since they were heard (epoch s), but for those that are `muted`."""
        if not self._allowed or now - self._looked_at < _LOOK_EVERY_S:
            return []
        self._looked_at = now
        self._listening_from = now if self._listening_from is None else self._listening_from
        found = [device for device, at in heard_at if self._is_overdue(device, now, at) and not muted(device)]
        self._told.update(found)
        return found

    def _is_overdue(self, device: str, now: float, heard_at: float) -> bool:
        after = self.of(device)
        since = max(heard_at, self._listening_from or 0.0)
        return after is not None and now - since > after and device not in self._told
