"""Models fitted on request: kept in memory, saved as files, found again by name."""

from __future__ import annotations

import re
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from detector.http.batch_model import BatchModel, Card
from detector.http.errors import RequestError
from detector.models.model_files import ModelFileError, load_model, save_model
from runtime.logs import get_logger

if TYPE_CHECKING:
    from pathlib import Path

    from detector.models.fit import FittedModel

LATEST = "-latest"
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*\.joblib")
_IN_MEMORY = 64
_MOST_FILES = 1000
_log = get_logger("detector.http.batch_models")


class BatchModels:
    """Models by versioned name and backend; the newest in memory, all of them as files. May be asked from any thread.

    Args:
        directory: made when the first model is saved.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._held: OrderedDict[tuple[str, str], BatchModel] = OrderedDict()
        self._lock = Lock()
        self._writing = Lock()

    def keep(self, card: Card, fitted: FittedModel) -> Path:
        """Hold a model and save it.

        Raises:
            RequestError: there are too many files.
        """
        path = self.path(card)
        if not path.exists() and len(self.cards()) >= _MOST_FILES:
            raise RequestError(409, f"{_MOST_FILES} models are saved: delete some first")
        self._hold(BatchModel.of(card, fitted))
        return self._save(card, fitted)

    def describe(self, model: BatchModel, description: str | None) -> Path:
        """Save a model once more, with another description if there is one."""
        card = model.card if description is None else msgspec.structs.replace(model.card, description=description)
        self._hold(BatchModel(card, model.lone))
        return self._save(card, model.lone.model)

    def _save(self, card: Card, fitted: FittedModel) -> Path:
        path = self.path(card)
        with self._writing:
            self._directory.mkdir(parents=True, exist_ok=True)
            save_model(fitted, path)
            partial = self.card_path(path).with_suffix(".partial")
            partial.write_bytes(msgspec.json.encode(card))
            partial.replace(self.card_path(path))
        return path

    def held(self, name: str, backend: str) -> BatchModel | None:
        """Return a model that is in memory; `-latest` names the newest version."""
        with self._lock:
            if not name.endswith(LATEST):
                return self._held.get((name, backend))
            held = list(self._held.values())
        base = name.removesuffix(LATEST)
        versions = [model for model in held if model.card.base_name == base and model.card.backend == backend]
        return max(versions, key=lambda model: model.card.fitted_at, default=None)

    def load(self, name: str, backend: str) -> BatchModel | None:
        """Load a model from its file; None if there is none.

        Raises:
            RequestError: the file is not what was saved.
        """
        cards = [(path, card) for path, card in self.cards() if card.backend == backend]
        wanted = name.removesuffix(LATEST) if name.endswith(LATEST) else None
        for path, card in cards:  # newest first
            if card.name == name or (wanted is not None and card.base_name == wanted):
                try:
                    model = BatchModel.of(card, load_model(path))
                except ModelFileError as error:
                    raise RequestError(409, f"the saved model is refused: {error}") from error
                self._hold(model)
                return model
        return None

    def find(self, name: str, backend: str) -> BatchModel:
        """Return a model from memory or from its file.

        Raises:
            RequestError: there is none, or its file is not what was saved.
        """
        model = (None if name.endswith(LATEST) else self.held(name, backend)) or self.load(name, backend)
        model = model or self.held(name, backend)
        if model is None:
            raise RequestError(400, f"no fitted model {name!r} of backend {backend!r}: call fit or load first")
        return model

    def cards(self) -> list[tuple[Path, Card]]:
        """Return the saved models, newest first; a card that cannot be read is left out."""
        cards = []
        for path in self._directory.glob("*.joblib"):
            try:
                cards.append((path, msgspec.json.decode(self.card_path(path).read_bytes(), type=Card)))
            except (OSError, msgspec.DecodeError) as error:
                _log.warning("a saved model without a readable card is left out", file=path.name, error=str(error))
        return sorted(cards, key=lambda pair: (pair[1].fitted_at, pair[1].name), reverse=True)

    def delete(self, filename: str) -> None:
        """Delete a saved model, and forget it.

        Raises:
            RequestError: the name is not that of a file here.
        """
        if not _SAFE.fullmatch(filename) or ".." in filename:
            raise RequestError(400, f"{filename[:100]!r} is not the name of a model file")
        path = self._directory / filename
        if not path.is_file():
            raise RequestError(404, f"no model file {filename!r}")
        for file in (path, path.with_suffix(".json"), self.card_path(path)):
            file.unlink(missing_ok=True)
        with self._lock:
            for key in [key for key, model in self._held.items() if self.path(model.card).name == filename]:
                del self._held[key]

    def path(self, card: Card) -> Path:
        """Name the file of a model."""
        return self._directory / f"{card.name}_{card.backend}.joblib"

    @staticmethod
    def card_path(path: Path) -> Path:
        """Name the file that the card of a model lies in."""
        return path.with_suffix(".card.json")

    def _hold(self, model: BatchModel) -> None:
        key = (model.card.name, model.card.backend)
        with self._lock:
            self._held[key] = model
            self._held.move_to_end(key)
            while len(self._held) > _IN_MEMORY:
                self._held.popitem(last=False)
