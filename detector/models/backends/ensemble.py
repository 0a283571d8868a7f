"""Several algorithms in one: the mean of their scores, each in units of its own 99.5 % level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from detector.models.backends.levels import Levels
from detector.models.backends.memory import raw_scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detector.models.backends.port import Backend, Fitting, Floats, Judge


@dataclass(frozen=True, slots=True)
class Panel:
    """Fitted members.

    Attributes:
        names, members: the algorithms.
        levels: of the mean of their scores.
    """

    names: tuple[str, ...]
    members: tuple[Judge, ...]
    levels: Levels

    @property
    def rows(self) -> int:
        """As many as the member with the longest memory looks at."""
        return max(member.rows for member in self.members)

    def judge(self, row: Floats) -> tuple[float, float]:
        """Return the mean score in units of its level, and the mean of the decisions' signs."""
        judged = [member.judge(_seen_by(member, row)) for member in self.members]
        score, _ = self.levels.judged(float(np.mean([score for score, _ in judged])))
        return score, float(np.mean([np.tanh(decision) for _, decision in judged]))

    def metadata(self) -> dict[str, float]:
        """Return what the members say, by their names."""
        return {
            f"{name}.{key}": value
            for name, one in zip(self.names, self.members, strict=True)
            for key, value in one.metadata().items()
        }


class EnsembleBackend:
    """The mean of several algorithms, each in its own units: steadier than any of them."""

    def __init__(self, members: Mapping[str, type[Backend]]) -> None:
        self._members = members

    def fit(self, fitting: Fitting) -> Panel:
        """Fit the members on the same rows, with seeds of their own."""
        judges = tuple(
            backend().fit(replace(fitting, seed=fitting.seed + number))
            for number, backend in enumerate(self._members.values())
        )
        bare = Panel(tuple(self._members), judges, Levels(0.0, 1.0))
        return Panel(bare.names, judges, Levels.of(raw_scores(bare, fitting.held_back)))


def _seen_by(member: Judge, row: Floats) -> Floats:
    """Return as much of the newest rows as a member looks at."""
    if row.ndim == 1:
        return row
    return row[-1] if member.rows == 1 else row[-member.rows :]


def member_names(words: str) -> Sequence[str]:
    """Read the members out of `ensemble:ecod+zscore`."""
    return [name.strip() for name in words.partition(":")[2].split("+") if name.strip()]
