"""Devices that fail in the same minute are one incident of the site: something that they share has failed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.records import Opening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contracts.alert import Alert

WITHIN = timedelta(seconds=60)
_MOST = 20_000
_RECALLED = 2_000


@dataclass(slots=True)
class SiteWatch:
    """Remembers which incidents opened lately, and says which belong together.

    Attributes:
        devices: so many different ones make a site incident.
    """

    devices: int
    _opened: deque[Opening] = field(default_factory=lambda: deque(maxlen=_MOST))
    _knows_earlier: bool = False

    def recall(self, lately: Callable[[int], Iterable[Opening]]) -> None:
        """Remember what opened before this process began, once; `lately` returns the latest incidents, oldest first."""
        if not self._knows_earlier:
            self._opened.extend(lately(_RECALLED))
            self._knows_earlier = True

    def take(self, alerts: Iterable[Alert]) -> dict[str, str]:
        """Take newly opened incidents, and return the site incident of each one that belongs to one from now on.

        A site incident is named by one of its incidents, the newest when it was found: no model was asked about it yet.
        """
        found: dict[str, str] = {}
        for alert in alerts:
            one = Opening(alert.incident, alert.device, alert.run, alert.opened_at, alert.site_incident)
            self._opened.append(one)
            together = [other for other in self._opened if other.run == one.run and abs(other.at - one.at) <= WITHIN]
            if len({other.device for other in together}) < self.devices:
                continue
            site = next((other.site for other in together if other.site), one.incident)
            for other in together:
                if other.site is None:
                    other.site = found[other.incident] = site
        return found
