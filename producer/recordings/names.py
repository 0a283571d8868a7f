"""Names of columns as names of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.topics import MAX_NAME_CHARACTERS, is_name

if TYPE_CHECKING:
    from collections.abc import Iterable


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Printable names of at most 128 characters; an empty one is called by its position, a second one is numbered."""
    taken: set[str] = set()
    result = []
    for position, name in enumerate(names, 1):
        fitting = printable(name) or f"column_{position}"
        number, candidate = 1, fitting
        while candidate in taken:
            number += 1
            candidate = f"{fitting[: MAX_NAME_CHARACTERS - 6]}.{number}"
        taken.add(candidate)
        result.append(candidate)
    return tuple(result)


def printable(name: str) -> str:
    """The name without what cannot be printed, cut to 128 characters; empty if nothing is left."""
    kept = "".join(c if c.isprintable() else " " for c in name)
    kept = " ".join(kept.split())[:MAX_NAME_CHARACTERS].strip()
    return kept if is_name(kept) else ""
