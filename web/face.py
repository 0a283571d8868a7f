"""The detector's HTTP face: older readings, the plane of its reference, the model versions it keeps."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

from runtime.logs import get_logger

_PATIENCE_S = 5.0
_REST_S = 15.0
_MOST_BYTES = 32 * 2**20
_log = get_logger("web.face")


@dataclass(slots=True)
class Face:
    """Asks the face; None is the answer when it has none, so that the page shows what it knows itself.

    After a failure it is left alone for 15 seconds.

    Args:
        url: where it is, such as http://detector:8000.
        token: what it asks for.
    """

    url: str
    token: str | None = None
    _rests_until: float = field(default=0.0, init=False)

    async def readings(self, device: str, since: str, until: str, points: int) -> dict[str, Any] | None:
        """Return a device's readings of a window, thinned out."""
        return await self._ask(device, "readings", {"since": since, "until": until, "points": str(points)})

    async def projection(self, device: str) -> dict[str, Any] | None:
        """Return a device's normal and anomalous rows on a plane."""
        return await self._ask(device, "projection", {})

    async def models(self, device: str) -> dict[str, Any] | None:
        """Return the versions of a device's model."""
        return await self._ask(device, "models", {})

    async def _ask(self, device: str, what: str, asked: dict[str, str]) -> dict[str, Any] | None:
        if monotonic() < self._rests_until:
            return None
        address = f"{self.url.rstrip('/')}/v1/devices/{quote(device, safe='')}/{what}?{urlencode(asked)}"
        return await asyncio.to_thread(self._fetch, address)

    def _fetch(self, address: str) -> dict[str, Any] | None:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - http or https, as the setting was checked
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310
                found = json.loads(answer.read(_MOST_BYTES))
        except urllib.error.HTTPError as error:
            error.close()
            return None  # an unknown device, or one that has no model yet
        except (OSError, ValueError) as error:
            self._rests_until = monotonic() + _REST_S
            _log.warning("the detector's HTTP face does not answer", error=str(error))
            return None
        return found if isinstance(found, dict) else None
