"""Words that claim a direction, a size or what is normal, by language; and which language a text is in."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explainer.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE = Path(__file__).parent / "lexicon.toml"
_LEAST_KNOWN = 0.4  # of the words of a text, for its language to be recognised
_WORD = re.compile(r"[^\W\d_]+")
_NOT_LATIN = re.compile(r"[^\W\d_a-zA-ZµμäöüßàâçéèêëîïôûùœæñáíóúìòãõÄÖÜÀÂÇÉÈÊËÎÏÔÛÙÑÁÍÓÚÌÒ]")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, set apart by spaces."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, with the English ones, each set as in lexicon.toml."""

    up: frozenset[str]
    down: frozenset[str]
    hot: frozenset[str]
    cold: frozenset[str]
    wet: frozenset[str]
    dry: frozenset[str]
    fast: frozenset[str]
    slow: frozenset[str]
    over: frozenset[str]
    under: frozenset[str]
    normal: frozenset[str]
    seen: frozenset[str]
    same: frozenset[str]
    not_moving: frozenset[str]
    negation: frozenset[str]
    join: frozenset[str]
    range: frozenset[str]
    missing: frozenset[str]
    copula: frozenset[str]
    share: frozenset[str]
    within: frozenset[str]
    other: frozenset[str]
    common: frozenset[str]

    def knows(self, word: str) -> bool:
        """Tell whether a word stands in any of the sets."""
        return any(word in getattr(self, one.name) for one in fields(self))

    def joined_with(self, other: Lexicon) -> Lexicon:
        """Return both languages' words; where they disagree, this one's meaning counts."""
        claims = ("up", "down", "hot", "cold", "wet", "dry", "fast", "slow", "over", "under", "negation")
        own = frozenset().union(*(getattr(self, one.name) for one in fields(self)))
        return Lexicon(
            **{
                one.name: getattr(self, one.name)
                | (getattr(other, one.name) - (own if one.name in claims else frozenset()))
                for one in fields(self)
            }
        )


def lexicon_for(texts: Iterable[str]) -> Lexicon:
    """Return the words of the language that texts are written in.

    Args:
        texts: with the names of the evidence taken out.

    Raises:
        AnswerError: the language is none of those that can be checked.
    """
    joined = " ".join(texts)
    words = [word.lower() for word in _WORD.findall(joined)]
    known = {name: sum(map(one.knows, words)) for name, one in _lexicons().items()}
    best = max(known, key=lambda name: known[name])
    if known["en"] == known[best]:
        best = "en"
    if _NOT_LATIN.search(joined) or known[best] < _LEAST_KNOWN * len(words):
        raise AnswerError("it is in a language that cannot be checked; write English")
    return _joined(best)


@cache
def quantity_words() -> dict[str, frozenset[str]]:
    """Return words of other languages for each quantity of knowledge.toml."""
    return {name: frozenset(text.split()) for name, text in _read()["quantities"].items()}


@cache
def unmeasured_words() -> tuple[frozenset[str], ...]:
    """Return the words for each quantity that knowledge.toml does not have."""
    return tuple(frozenset(line.split()) for line in _read()["unmeasured"]["words"])


@cache
def _joined(language: str) -> Lexicon:
    english = _lexicons()["en"]
    return english if language == "en" else _lexicons()[language].joined_with(english)


@cache
def _lexicons() -> dict[str, Lexicon]:
    tables = {name: table for name, table in _read().items() if name not in {"quantities", "unmeasured"}}
    return {
        name: Lexicon(**{key: frozenset(text.split()) for key, text in table.items()}) for name, table in tables.items()
    }


def _read() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
