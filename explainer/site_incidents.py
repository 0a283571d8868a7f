"""Devices that fail in the same minute are one incident of the site: something that they share has failed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from contracts.alert import Alert

WITHIN = timedelta(seconds=60)
_MOST = 20_000


@dataclass(slots=True)
class _Opened:
    incident: str
    device: str
    run: str | None
    at: datetime
    site: str | None


@dataclass(slots=True)
class SiteWatch:
    """Remembers which incidents opened lately, and says which belong together.

    It remembers them in memory only: after a restart a site incident that is just beginning is seen in two parts.

    Attributes:
        devices: so many different ones make a site incident.
    """

    devices: int
    _opened: deque[_Opened] = field(default_factory=lambda: deque(maxlen=_MOST))

    def take(self, alerts: Iterable[Alert]) -> dict[str, str]:
        """Take newly opened incidents, and return the site incident of each one that belongs to one from now on.

        A site incident is named by one of its incidents, the newest when it was found: no model was asked about it yet.
        """
        found: dict[str, str] = {}
        for alert in alerts:
            one = _Opened(alert.incident, alert.device, alert.run, alert.opened_at, alert.site_incident)
            self._opened.append(one)
            together = [other for other in self._opened if other.run == one.run and abs(other.at - one.at) <= WITHIN]
            if len({other.device for other in together}) < self.devices:
                continue
            site = next((other.site for other in together if other.site), one.incident)
            for other in together:
                if other.site is None:
                    other.site = found[other.incident] = site
        return found
