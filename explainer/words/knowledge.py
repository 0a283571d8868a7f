"""First thoughts by kind of anomaly and by what a metric measures; read from a file that a user may edit."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from contracts.anomaly import Kind
from explainer.errors import KnowledgeError

if TYPE_CHECKING:
    from contracts.anomaly import Contribution

_DEFAULT_FILE = Path(__file__).parent / "knowledge.toml"
Direction = Literal["high", "low"]

_Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^0-9\n]*$")]
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class KindWords(Struct, frozen=True, forbid_unknown_fields=True):
    """Hypotheses and first checks for a kind, the likeliest first."""

    causes: tuple[_Text, ...]
    checks: tuple[_Text, ...]


class QuantityWords(Struct, frozen=True, forbid_unknown_fields=True):
    """How a quantity is recognised, hypotheses for values too high or too low, and what to look at first."""

    units: tuple[str, ...]
    words: tuple[str, ...]
    high: tuple[_Text, ...]
    low: tuple[_Text, ...]
    checks: tuple[_Text, ...] = ()


class Knowledge(Struct, frozen=True, forbid_unknown_fields=True):
    """The texts of one file."""

    kinds: dict[Kind, KindWords]
    quantities: dict[str, QuantityWords]

    def quantity(self, contribution: Contribution) -> QuantityWords | None:
        """Recognise what a metric measures: by its unit first, then by a word of its name."""
        for words in self.quantities.values():
            if contribution.unit in words.units:
                return words
        parts = [part.lower() for part in _WORD.findall(contribution.metric)]
        for words in self.quantities.values():
            if any(part.startswith(word) for part in parts for word in words.words):
                return words
        return None


def load_knowledge(path: Path | None = None) -> Knowledge:
    """Read and check a file of texts; none means the one that comes with Tocsin.

    Raises:
        KnowledgeError: it cannot be read, a field is wrong, a text holds a digit, or a kind is missing.
    """
    file = path or _DEFAULT_FILE
    try:
        knowledge = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Knowledge)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"texts in {file}: {error}") from error
    missing = set(get_args(Kind)) - set(knowledge.kinds)
    if missing:
        raise KnowledgeError(f"texts in {file}: no [kinds] entry for {', '.join(sorted(missing))}")
    return knowledge
