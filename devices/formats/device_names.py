"""Names of the devices that discovery announces. Source: home-assistant.io, integrations/mqtt, device."""

from __future__ import annotations

from typing import Any

from devices.bounded import Bounded
from devices.formats.port import MOST_ENTITIES
from devices.values import label


class DeviceNames:
    """Keeps which device has which name; two of one name are told apart by their identifiers."""

    def __init__(self) -> None:
        self._names: Bounded[str, str] = Bounded(MOST_ENTITIES)  # by identifier
        self._taken: Bounded[str, bool] = Bounded(MOST_ENTITIES)

    def name(self, config: dict[str, Any], fallback: str) -> str:
        """Name the device of a config; where only an identifier is given, as another config has named it."""
        device = config.get("device")
        ids = _identifiers(device) if isinstance(device, dict) else []
        name = device.get("name") if isinstance(device, dict) else config.get("name")
        if isinstance(name, str) and name.strip():
            return self._own(label(name)[:128], ids)
        known = next((found for one in ids if (found := self._names.get(one))), None)
        own = config.get("name")
        return known or (
            ids[0][:128] if ids else label(own)[:128] if isinstance(own, str) and own.strip() else fallback
        )

    def _own(self, name: str, ids: list[str]) -> str:
        told = f"{name} {ids[0]}"[:128] if ids else name
        known = {self._names.get(one) for one in ids}
        if told in known or (ids and name not in known and name in self._taken):
            name = told
        for one in ids:
            self._taken[name] = True
            self._names[one] = name
        return name


def _identifiers(device: dict[str, Any]) -> list[str]:
    ids = device.get("identifiers")
    return [one for one in (ids if isinstance(ids, list) else [ids])[:8] if isinstance(one, str) and one]
