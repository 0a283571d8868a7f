"""What tokens cost: a table by model, each price with its source and date."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from explainer.errors import PriceError

DEFAULT_FILE = Path(__file__).parent / "prices.toml"
_MILLION = 1_000_000
_CURE = "expected [[price]] tables with model, prompt, answer (for a million tokens), source and date"


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in the price table's currency; 0 where nothing is charged."""

    prompt: float = 0.0
    answer: float = 0.0

    def cost(self, prompt_tokens: int, answer_tokens: int) -> float | None:
        """Return what so many tokens cost, None where nothing is charged."""
        if not (self.prompt or self.answer):
            return None
        return (prompt_tokens * self.prompt + answer_tokens * self.answer) / _MILLION


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry: `model` may hold * for any run of characters."""

    model: Annotated[str, Meta(min_length=1)]
    prompt: Annotated[float, Meta(ge=0)]
    answer: Annotated[float, Meta(ge=0)]
    source: Annotated[str, Meta(min_length=1)]
    date: date


class PriceTable(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of prices; the first entry that fits counts."""

    prices: tuple[Price, ...] = msgspec.field(default=(), name="price")

    def entry(self, model: str) -> Price | None:
        """Return the entry of a model, None where there is none."""
        return next((one for one in self.prices if fnmatchcase(model, one.model)), None)

    def of(self, model: str, prompt: float | None = None, answer: float | None = None) -> Prices:
        """Return a model's prices; those given count before those of the table."""
        entry = self.entry(model)
        return Prices(
            prompt=prompt if prompt is not None else entry.prompt if entry else 0.0,
            answer=answer if answer is not None else entry.answer if entry else 0.0,
        )


def load_prices(path: Path | None = None) -> PriceTable:
    """Read and check a price table; none means the one that comes with Tocsin.

    Raises:
        PriceError: it cannot be read or a field is wrong; the error names file, place and what was expected.
    """
    file = path or DEFAULT_FILE
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), PriceTable)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PriceError(f"price table {file}: {error}; {_CURE}") from error
