"""Numbers in cells: missing ones, decimal commas, and what only looks like a number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from contracts.wire_reading import MAX_MAGNITUDE

if TYPE_CHECKING:
    from producer.recordings.rows import Cell

_MISSING: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "#n/a", ".", "missing"})
_SHOWN: Final = 40
_LONG: Final = 10**_SHOWN


def is_missing(cell: Cell) -> bool:
    """Whether a cell stands for "no value"."""
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in _MISSING)


def number_in(cell: Cell, *, decimal_comma: bool = False) -> float | None:
    """The number of a cell, None for a missing one.

    Raises:
        ValueError: the cell is no finite number of the size that models can take; the text says what it is.
    """
    if cell is None or is_missing(cell):
        return None
    try:
        number = float(_plain(cell, decimal_comma=decimal_comma))
    except ValueError:
        raise ValueError(f"{_shown(cell)} is no number") from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or abs(number) > MAX_MAGNITUDE:
        raise ValueError(f"{_shown(cell)} is out of bounds")
    return number


def _plain(cell: str | float, *, decimal_comma: bool) -> str | float:
    if isinstance(cell, bool):
        raise ValueError  # noqa: TRY004 - one kind of error for everything that is no number
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if not text.isascii() or "_" in text:  # Python alone would take these for numbers
        raise ValueError
    return text.replace(".", "").replace(",", ".") if decimal_comma and "," in text else text


def _shown(cell: Cell) -> str:
    text = str(cell) if not isinstance(cell, int) or abs(cell) < _LONG else "a very long number"
    return repr(text[:_SHOWN])
