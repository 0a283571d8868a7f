"""A model fitted on request, at work on rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from detector.http.encoding import Encoder
from detector.http.errors import RequestError
from detector.http.lone_rows import Calibration, LoneRows
from detector.verdicts import confidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detector.http.encoding import Cell
    from detector.models.fit import FittedModel
    from detector.rows.features import Floats

_VERSIONED = re.compile(r"_\d{8}_\d{6}$")
Normalization = Literal["standardization", "zscore", "raw"]


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


def is_versioned(card: Card) -> bool:
    """Tell whether a model's name carries the time of its fit."""
    return _VERSIONED.search(card.name) is not None


def versioned(name: str, now: datetime) -> str:
    """Name a version of a model by the time of its fit."""
    return f"{name}_{now.astimezone(UTC):%Y%m%d_%H%M%S}"
