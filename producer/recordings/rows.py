"""Rows of a recorded file, before anything is known of their columns."""

from __future__ import annotations

from dataclasses import dataclass, field

Cell = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `line` is where it starts in the file, from 1.

    A `native` row was a reading as devices send it; `units` is what it says of its metrics.
    """

    line: int
    cells: dict[str, Cell]
    units: dict[str, str] | None = None
    native: bool = False


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Skipped:
    """What was left out, counted, with the first examples."""

    count: int = 0
    examples: list[BadRow] = field(default_factory=list)

    def add(self, bad: BadRow) -> None:
        """Count one."""
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(bad)


_EXAMPLES = 20
