"""Rows of named cells as numbers: each column by the encoding that its schema names."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from detector.http.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

Cell = bool | int | float | str | None

LARGEST = 1e100  # squares of such numbers are still finite
_MOST_HOT = 64
_MOST_CATEGORIES = 10_000
_YES = frozenset({"true", "yes", "on", "y", "t", "1"})
_UNKNOWN_LABEL = -1.0


class Encoder(msgspec.Struct):
    """How rows become numbers; categories and their counts are learned from the rows a model is fitted on.

    Attributes:
        schema: encoding by column: numeric, hash, label, onehot, binary or frequency.
        counts: by column, how often each category was seen, in the order of first sight.
    """

    schema: dict[str, str]
    counts: dict[str, dict[str, int]] = {}

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the numbers that `encode` gives."""
        names: list[str] = []
        for column, encoding in self.schema.items():
            if encoding == "onehot":
                names += [f"{column}={category}"[:128] for category in self._known(column)]
            else:
                names.append(column)
        return tuple(names)

    def learn(self, row: Mapping[str, Cell]) -> None:
        """Take a row's categories in."""
        for column, encoding in self.schema.items():
            cell = row.get(column)
            if encoding not in {"label", "onehot", "frequency"} or cell is None:
                continue
            seen = self.counts.setdefault(column, {})
            category = _text(cell)
            if category in seen or len(seen) < (_MOST_HOT if encoding == "onehot" else _MOST_CATEGORIES):
                seen[category] = seen.get(category, 0) + 1

    def encode(self, row: Mapping[str, Cell]) -> dict[str, float | None]:
        """Return a row's numbers by feature; None where the row has no value.

        Raises:
            RequestError: a numeric column holds something else.
        """
        numbers: dict[str, float | None] = {}
        for column, encoding in self.schema.items():
            cell = row.get(column)
            if encoding == "onehot":
                hot = None if cell is None else _text(cell)
                for category in self._known(column):
                    numbers[f"{column}={category}"[:128]] = None if hot is None else float(hot == category)
            elif cell is None:
                numbers[column] = None
            else:
                numbers[column] = number_of(column, cell) if encoding == "numeric" else self._number(column, cell)
        return numbers

    def _number(self, column: str, cell: Cell) -> float:
        text, encoding = _text(cell), self.schema[column]
        if encoding == "binary":
            return float(text.lower() in _YES)
        if encoding == "hash":
            return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big") / 2**32
        seen = self._known(column)
        if encoding == "label":
            return float(list(seen).index(text)) if text in seen else _UNKNOWN_LABEL
        return seen.get(text, 0) / max(sum(seen.values()), 1)

    def _known(self, column: str) -> dict[str, int]:
        return self.counts.get(column, {})


def number_of(column: str, cell: Cell) -> float:
    """Return a cell as a number; true is 1.

    Raises:
        RequestError: it is none, or too large to reckon with.
    """
    if isinstance(cell, bool | int | float) and -LARGEST <= cell <= LARGEST:
        return float(cell)
    raise RequestError(422, f"column {column[:40]!r}: expected a number up to 1e100, got {str(cell)[:40]!r}")


def numbers_of(row: Mapping[str, Cell]) -> dict[str, float | None]:
    """Return the numeric columns of a row without a schema; texts, such as a time, are left out.

    Raises:
        RequestError: there is no number among them, or one is too large.
    """
    numbers = {column: _number_or_none(column, cell) for column, cell in row.items() if not isinstance(cell, str)}
    if not numbers:
        raise RequestError(422, "a sample without a number: name the encoding of its columns in `schema`")
    return numbers


def _number_or_none(column: str, cell: Cell) -> float | None:
    return None if cell is None else number_of(column, cell)


def _text(cell: Cell) -> str:
    return str(cell)[:128]
