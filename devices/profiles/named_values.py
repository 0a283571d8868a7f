"""Lists of named values as one object: `[{"type": "t", "value": 21.5}, …]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devices.profiles.path import Path

if TYPE_CHECKING:
    from devices.profiles.profile import Pairs

MOST_ROWS = 2000


class NamedValues:
    """Reads the list that a profile's `pairs` describes.

    Args:
        pairs: paths to the list, and in each of its entries to name, value and unit.
    """

    def __init__(self, pairs: Pairs) -> None:
        self._list = Path(pairs.list)
        self._name = Path(pairs.name)
        self._value = Path(pairs.value)
        self._unit = Path(pairs.unit) if pairs.unit else None

    def read(self, message: Any) -> tuple[dict[str, Any], dict[str, str]]:  # noqa: ANN401 - any JSON
        """Return values and units by name; entries without a name are left out."""
        row: dict[str, Any] = {}
        units: dict[str, str] = {}
        for entry in self._entries(message):
            name = self._name.find(entry)
            if name is None:
                continue
            row[str(name)] = self._value.find(entry)
            unit = self._unit.find(entry) if self._unit else None
            if isinstance(unit, str) and unit:
                units[str(name)] = unit[:32]
        return row, units

    def _entries(self, message: Any) -> list[Any]:  # noqa: ANN401 - the same
        found = self._list.find(message)
        entries = found[:MOST_ROWS] if isinstance(found, list) else []
        deeper = [entry if isinstance(entry, list) else [entry] for entry in entries]  # lists of lists, a level deeper
        return [one for entry in deeper for one in entry[:MOST_ROWS]][:MOST_ROWS]
