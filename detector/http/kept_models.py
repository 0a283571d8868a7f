"""The detector's model files, seen from beside it."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from detector.models.model_files import load_model
from detector.store.beside import reading_beside
from detector.store.model_book import ModelBook

if TYPE_CHECKING:
    from pathlib import Path

    from detector.models.fit import FittedModel
    from detector.stock.model_shelf import ModelShelf

_HELD = 32


class KeptModels:
    """Reads the detector's state file and model files; never writes them.

    Args:
        state: path of the state file.
        shelf: where the models lie.
    """

    def __init__(self, state: Path, shelf: ModelShelf) -> None:
        self._state = state
        self._shelf = shelf
        self._held: OrderedDict[tuple[str, int, int], FittedModel] = OrderedDict()
        self._lock = Lock()

    def versions_in_use(self) -> dict[str, int]:
        """Return the version that each device's readings are judged by; 0 while it learns.

        Raises:
            StateError: the state file cannot be read.
        """
        with reading_beside(self._state) as connection:
            return dict(connection.execute("SELECT name, model_version FROM devices").fetchall())

    def of(self, device: str) -> list[dict[str, Any]]:
        """Return the versions that are kept of a device, newest first.

        Raises:
            StateError: the state file cannot be read.
        """
        with reading_beside(self._state) as connection:
            query = "SELECT number, model_version FROM devices WHERE name = ?"
            number, active = connection.execute(query, (device,)).fetchone() or (0, 0)
            versions = ModelBook(connection).versions(number)
        return [
            {**msgspec.to_builtins(kept), "fitted_at": kept.fitted_at.isoformat(), "active": kept.version == active}
            for kept in versions
        ]

    def in_use(self, device: str) -> FittedModel | None:
        """Load the model that a device's readings are judged by; None while it learns.

        Raises:
            ModelFileError: its file is not what was saved.
        """
        version = self.versions_in_use().get(device, 0)
        if version == 0:
            return None
        path = self._shelf.path(device, version)
        key = (device, version, path.stat().st_mtime_ns if path.exists() else 0)
        with self._lock:
            model = self._held.get(key)
            if model is None:
                model = self._held[key] = load_model(path)
                if len(self._held) > _HELD:
                    self._held.popitem(last=False)
            return model
