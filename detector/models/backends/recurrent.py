"""What recurrent networks share: torch trains them on every window of the reference; they are walked without torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy as np

from detector.models.backends.extras import required
from detector.models.backends.levels import Levels
from detector.models.backends.memory import raw_scores, windows
from detector.models.backends.torch_training import alone, train

if TYPE_CHECKING:
    from detector.models.backends.port import Fitting, Floats

HIGH = 8.0  # deviations: a network is shown no more
_BATCH = 64


class RecurrentJudge(ABC):
    """A trained network that looks at the newest rows.

    Attributes:
        levels: of its scores.
        looks_at, hidden: rows, and size of its state.
    """

    __slots__ = ()
    levels: Levels
    looks_at: ClassVar[int]
    hidden: ClassVar[int]

    @property
    def rows(self) -> int:
        """It looks at the newest rows."""
        return self.looks_at

    @abstractmethod
    def raw(self, rows: Floats) -> float:
        """Return how far the newest of the rows (looks_at, F) is from what the network makes of those it has seen."""

    def judge(self, row: Floats) -> tuple[float, float]:
        """Return score and decision of the newest of several rows; a single one stands for all."""
        rows = np.repeat(row[np.newaxis], self.looks_at, axis=0) if row.ndim == 1 else row
        return self.levels.judged(self.raw(rows))

    def metadata(self) -> dict[str, float]:
        """Return what it looks at, and its size."""
        return {"rows": float(self.looks_at), "hidden": float(self.hidden)}


_J = TypeVar("_J", bound=RecurrentJudge)


class RecurrentBackend(ABC, Generic[_J]):
    """Trains one kind of network.

    Attributes:
        name: in the table of algorithms.
        looks_at: rows of a window.
        epochs: how often each window is shown.
    """

    name: ClassVar[str]
    looks_at: ClassVar[int]
    epochs: ClassVar[int]

    def fit(self, fitting: Fitting) -> _J:
        """Train on every window of the reference.

        Raises:
            BackendMissingError: torch is not installed.
        """
        required(self.name, ("torch",))
        with alone():
            network = self.network(fitting.reference.shape[1], fitting.seed)
            examples = windows(np.clip(fitting.reference, -HIGH, HIGH), self.looks_at)
            train(network, examples, self.loss, epochs=self.epochs, batch=_BATCH, seed=fitting.seed)
        bare = self.walked(network, Levels(0.0, 1.0))
        return replace(bare, levels=Levels.of(raw_scores(bare, fitting.held_back)))  # type: ignore[type-var]  # each is a dataclass

    @abstractmethod
    def network(self, width: int, seed: int) -> Any:  # noqa: ANN401 - torch's
        """Make a network for rows of so many columns."""

    @abstractmethod
    def loss(self, network: Any, rows: Any) -> Any:  # noqa: ANN401 - torch's
        """Return how wrong a network is about windows (n, looks_at, F), a scalar."""

    @abstractmethod
    def walked(self, network: Any, levels: Levels) -> _J:  # noqa: ANN401 - torch's
        """Take the weights out of a trained network."""
