"""Models fitted on request: kept in memory, saved as files, found again by name."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from detector.http.encoding import Encoder
from detector.http.errors import RequestError
from detector.http.lone_rows import Calibration, LoneRows
from detector.models.model_files import ModelFileError, load_model, save_model
from detector.verdicts import confidence
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from detector.http.encoding import Cell
    from detector.models.fit import FittedModel
    from detector.rows.features import Floats

LATEST = "-latest"
_VERSIONED = re.compile(r"_\d{8}_\d{6}$")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*\.joblib")
_IN_MEMORY = 64
_MOST_FILES = 1000
Normalization = Literal["standardization", "zscore", "raw"]
_log = get_logger("detector.http.batch_models")


class Card(msgspec.Struct, frozen=True):
    """What is kept of a model beside what is normal.

    Attributes:
        name: versioned name; `base_name` without the version.
        columns: of the rows it was fitted on, encoded (C).
        vectors: whether the rows came without names.
        threshold: raw score (decades) that the share `contamination` of the fitted rows exceeds.
    """

    name: str
    base_name: str
    backend: str
    columns: tuple[str, ...]
    vectors: bool
    contamination: float
    normalization: Normalization
    threshold: float
    calibration: Calibration
    encoder: Encoder | None
    fitted_at: datetime
    description: str | None = None


@dataclass(frozen=True, slots=True)
class BatchModel:
    """A fitted model at work."""

    card: Card
    lone: LoneRows

    @classmethod
    def of(cls, card: Card, fitted: FittedModel) -> BatchModel:
        """Put a model and its card together."""
        return cls(card, LoneRows(fitted, card.calibration))

    def matrix(self, rows: Sequence[Mapping[str, Cell]] | Sequence[Sequence[float | None]]) -> Floats:
        """Return rows as numbers (n, C) under the card's columns; NaN for no value.

        Raises:
            RequestError: the rows are not of the kind or width that the model was fitted on.
        """
        card = self.card
        if isinstance(rows[0], dict) != (not card.vectors):
            words = "lists" if card.vectors else "objects"
            raise RequestError(400, f"model {card.name!r} was fitted on {words} (no stored encoder for others)")
        if card.encoder is not None:
            return matrix_of([list(card.encoder.encode(row).values()) for row in rows])  # type: ignore[arg-type]
        return matrix_of(rows, width=len(card.columns))  # type: ignore[arg-type] # checked above

    def used(self, matrix: Floats) -> Floats:
        """Return the columns (n, M) that the model judges by."""
        chosen: Floats = matrix[:, [self.card.columns.index(name) for name in self.lone.model.metrics]]
        return chosen

    def normalized(self, raw: float, normalization: Normalization) -> float:
        """Turn a raw score into what a client asked for: 0 to 1 (half at 1 in 1,000), deviations, or itself."""
        if normalization == "standardization":
            return confidence.score(10.0**-raw)
        if normalization == "zscore":
            return (raw - self.card.calibration.mean) / self.card.calibration.deviation
        return raw


def matrix_of(rows: Sequence[Sequence[float | None]], width: int | None = None) -> Floats:
    """Return rows as an array (n, C), NaN for None.

    Raises:
        RequestError: they are not of one width.
    """
    wanted = len(rows[0]) if width is None else width
    for number, row in enumerate(rows):
        if len(row) != wanted:
            raise RequestError(400, f"row {number} has {len(row)} values: expected {wanted}")
    return np.array(rows, dtype=np.float64).reshape(len(rows), wanted)


class BatchModels:
    """Models by versioned name and backend; the newest in memory, all of them as files.

    Args:
        directory: made when the first model is saved.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._held: OrderedDict[tuple[str, str], BatchModel] = OrderedDict()

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
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self.path(card)
        save_model(fitted, path)
        partial = self.card_path(path).with_suffix(".partial")
        partial.write_bytes(msgspec.json.encode(card))
        partial.replace(self.card_path(path))
        return path

    def held(self, name: str, backend: str) -> BatchModel | None:
        """Return a model that is in memory; `-latest` names the newest version."""
        if not name.endswith(LATEST):
            return self._held.get((name, backend))
        base = name.removesuffix(LATEST)
        versions = [m for m in self._held.values() if m.card.base_name == base and m.card.backend == backend]
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
        self._held[key] = model
        self._held.move_to_end(key)
        while len(self._held) > _IN_MEMORY:
            self._held.popitem(last=False)


def is_versioned(card: Card) -> bool:
    """Tell whether a model's name carries the time of its fit."""
    return _VERSIONED.search(card.name) is not None


def versioned(name: str, now: datetime) -> str:
    """Name a version of a model by the time of its fit."""
    return f"{name}_{now.astimezone(UTC):%Y%m%d_%H%M%S}"
