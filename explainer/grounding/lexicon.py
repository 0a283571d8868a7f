"""Words that claim a direction, a size or what is normal, by language; and which language a text is in."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explainer.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILE = Path(__file__).parent / "lexicon.toml"
_LEAST_KNOWN = 0.4  # of the words of a text, for its language to be recognised
_FEW_UNKNOWN = 2
_WORD = re.compile(r"[^\W\d_]+")
_NOT_LATIN = re.compile(r"[^\W\d_a-zA-ZµμäöüßàâçéèêëîïôûùœæñáíóúìòãõÄÖÜÀÂÇÉÈÊËÎÏÔÛÙÑÁÍÓÚÌÒ₂²³]")
_TABLES = frozenset(("quantities", "unmeasured", "things", "numbers", "parts"))
_CLAIMS = frozenset(("up", "down", "hot", "cold", "wet", "dry", "fast", "slow", "over", "under", "negation"))
# Their derived forms mean something else: a heater, a cooler, a limited one.
_EXACT = frozenset(("hot", "cold", "wet", "dry", "fast", "slow", "shaking", "over", "under", "missing", "negation"))
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "est")
_LEAST_STEM = 3


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, set apart by spaces."""
    return frozenset(text.split())


def base_forms(word: str) -> Iterator[str]:
    """Return what an English word may be derived from: "rises", "rising" and "risen" from "rise", but for the last."""
    yield word
    for ending in _ENDINGS:
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= _LEAST_STEM:
            yield stem
            yield stem + "e"
            if stem[-1] == stem[-2]:
                yield stem[:-1]
            if stem[-1] == "i":
                yield stem[:-1] + "y"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, with the English ones: `sets[role]` as in lexicon.toml."""

    sets: dict[str, frozenset[str]]
    english: dict[str, frozenset[str]]
    _seen: dict[str, frozenset[str]] = field(default_factory=dict)

    def roles(self, word: str) -> frozenset[str]:
        """Return the names of the sets that a word stands in."""
        found = self._seen.get(word)
        if found is None:
            found = self._seen[word] = self._roles(word)
        return found

    def _roles(self, word: str) -> frozenset[str]:
        forms = list(base_forms(word))
        english = frozenset(
            name
            for name, words in self.english.items()
            if (word in words if name in _EXACT else any(form in words for form in forms))
        )
        if self.sets is self.english:
            return english
        own = frozenset(name for name, words in self.sets.items() if word in words)
        return own | (english - _CLAIMS) if own else english  # where the languages disagree, the text's own counts

    def has(self, word: str) -> bool:
        """Tell whether a word is one of this language."""
        if self.sets is self.english:
            return self.knows(word)
        return any(word in words for words in self.sets.values())

    def knows(self, word: str) -> bool:
        """Tell whether a word stands in any of the sets, the English ones included."""
        return bool(self.roles(word)) or (word.endswith("ly") and bool(self.roles(word[:-2])))


def lexicon_for(texts: Iterable[str]) -> Lexicon:
    """Return the words of the language that texts are written in.

    Args:
        texts: with the names of the evidence taken out.

    Raises:
        AnswerError: the language is none of those that can be checked.
    """
    joined = " ".join(texts)
    words = [word.lower() for word in _WORD.findall(joined)]
    own = {name: sum(map(one.has, words)) for name, one in _lexicons().items()}
    best = _lexicons()[max(own, key=lambda name: (own[name], name == "en"))]
    known = sum(map(best.knows, words))
    if _NOT_LATIN.search(joined) or (known < _LEAST_KNOWN * len(words) and len(words) - known > _FEW_UNKNOWN):
        raise AnswerError("it is in a language that cannot be checked; write English")
    return best


@cache
def quantity_words() -> dict[str, frozenset[str]]:
    """Return words of other languages for each quantity of knowledge.toml."""
    return {name: frozenset(text.split()) for name, text in _read()["quantities"].items()}


@cache
def part_words() -> dict[str, tuple[str, ...]]:
    """Return words of other languages for what a quantity may be of."""
    return {name: tuple(text.split()) for name, text in _read()["parts"].items()}


@cache
def unmeasured_words() -> tuple[frozenset[str], ...]:
    """Return the words for each quantity that knowledge.toml does not have."""
    return tuple(frozenset(line.split()) for line in _read()["unmeasured"]["words"])


@cache
def number_words() -> dict[str, int]:
    """Return the words for numbers from two to twelve."""
    lines = enumerate(_read()["numbers"]["words"], start=2)
    return {word: count for count, line in lines for word in line.split()}


@cache
def things() -> frozenset[str]:
    """Return the parts and media that a quantity may be of."""
    return frozenset(_read()["things"]["words"].split())


@cache
def _lexicons() -> dict[str, Lexicon]:
    tables = {
        name: {role: frozenset(text.split()) for role, text in table.items()}
        for name, table in _read().items()
        if name not in _TABLES
    }
    return {name: Lexicon(sets, tables["en"]) for name, sets in tables.items()}


def _read() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
