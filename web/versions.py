"""The model versions of a device, as its detector tells them when asked over the bus."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec

from web.api.answers import ModelItem
from web.errors import NotTakenError

if TYPE_CHECKING:
    from web.plant import Device, Plant
    from web.sending import Sender

_PATIENCE_S = 2.0
_TURN_S = 0.05
_KEEP_S = 5.0
_MOST_KEPT = 200


@dataclass(slots=True)
class Versions:
    """Asks the detector for versions, at most every five seconds for a device.

    Args:
        plant: takes the answers, and has seen versions itself.
        sender: asks.
    """

    plant: Plant
    sender: Sender
    _kept: dict[str, tuple[float, list[ModelItem]]] = field(default_factory=dict, init=False)

    async def of(self, device: Device) -> list[ModelItem]:
        """Return a device's versions, newest first; those that the page has seen itself when nobody answers."""
        kept = self._kept.get(device.name)
        active = device.status.model.version if device.status and device.status.model else None
        if kept is not None and monotonic() - kept[0] < _KEEP_S and active in {m.version for m in kept[1] if m.active}:
            return kept[1]
        answered = await self._asked(device.name)
        items = seen(device) if answered is None else _items(device, answered)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[device.name] = (monotonic(), items)
        return items

    async def _asked(self, device: str) -> dict[str, Any] | None:
        try:
            command = await self.sender.command("detector", "models", device=device)
        except NotTakenError:
            return None
        give_up = monotonic() + _PATIENCE_S
        while monotonic() < give_up:
            answer = self.plant.answers.get(command.id)
            if answer is not None:
                return answer.result if answer.ok else None
            await asyncio.sleep(_TURN_S)
        return None


def seen(device: Device) -> list[ModelItem]:
    """Return the versions that the page has seen in use, newest first."""
    found = list(reversed(device.models))
    return [
        ModelItem(
            device=device.name,
            backend=each.model.backend,
            version=each.model.version,
            scope=each.model.scope,
            since=each.since,
            active=index == 0,
        )
        for index, each in enumerate(found)
    ]


class _Version(msgspec.Struct, frozen=True):
    version: int
    fitted_at: datetime
    active: bool
    backend: str = ""
    rows: int | None = None
    reason: str | None = None
    intact: bool = True


def _items(device: Device, answered: dict[str, Any]) -> list[ModelItem]:
    try:
        versions = msgspec.convert(answered.get("versions", []), list[_Version])
    except msgspec.ValidationError:
        return seen(device)
    scope = device.status.model.scope if device.status and device.status.model else device.name
    return [
        ModelItem(
            device=device.name,
            backend=each.backend,
            version=each.version,
            scope=scope,
            since=each.fitted_at,
            active=each.active,
            rows=each.rows,
            reason=each.reason,
            intact=each.intact,
        )
        for each in versions
    ]
