"""An LSTM that foretells the next row and follows slow change (after Malhotra et al., ESANN 2015).

What it foretold wrongly of the rows just before is taken off, up to one deviation: a slow drift is followed, a fault is
not. torch trains it; it is walked here without torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detector.models.backends.extras import required
from detector.models.backends.levels import Levels
from detector.models.backends.lstm import Cell
from detector.models.backends.memory import raw_scores, windows
from detector.models.backends.torch_training import alone, array, train

if TYPE_CHECKING:
    from detector.models.backends.port import Fitting, Floats

ROWS = 24
_FOLLOWED = 12  # rows whose errors are followed
_MOST_FOLLOWED = 1.0  # deviations
_HIDDEN = 24
_EPOCHS = 20
_BATCH = 64
_HIGH = 8.0


@dataclass(frozen=True, slots=True)
class Foreteller:
    """A trained forecaster.

    Attributes:
        cell: its layer.
        weight, bias: (F, H) and (F,), from the state to the next row.
        levels: of its scores.
    """

    cell: Cell
    weight: Floats
    bias: Floats
    levels: Levels

    @property
    def rows(self) -> int:
        """It looks at the newest rows."""
        return ROWS

    def raw(self, rows: Floats) -> float:
        """Return how far the newest of the rows (ROWS, F) is from what those before it let expect."""
        states = self.cell.run(np.clip(rows[:-1], -_HIGH, _HIGH))
        errors = rows[1:] - (states @ self.weight.T + self.bias)
        followed = np.clip(np.median(errors[-1 - _FOLLOWED : -1], axis=0), -_MOST_FOLLOWED, _MOST_FOLLOWED)
        return float(np.linalg.norm(errors[-1] - followed))

    def judge(self, row: Floats) -> tuple[float, float]:
        """Return score and decision of the newest of several rows; a single one stands for all."""
        rows = np.repeat(row[np.newaxis], ROWS, axis=0) if row.ndim == 1 else row
        return self.levels.judged(self.raw(rows))

    def metadata(self) -> dict[str, float]:
        """Return what it looks at, and its size."""
        return {"rows": float(ROWS), "hidden": float(_HIDDEN)}


class AdaptiveLstmBackend:
    """A recurrent network that foretells the next row and follows slow change; very slow to train."""

    def fit(self, fitting: Fitting) -> Foreteller:
        """Train on every window of the reference."""
        required("adaptive_lstm", ("torch",))
        with alone():
            network = _network(fitting.reference.shape[1], fitting.seed)
            examples = windows(np.clip(fitting.reference, -_HIGH, _HIGH), ROWS)
            train(network, examples, _loss, epochs=_EPOCHS, batch=_BATCH, seed=fitting.seed)
        parts = (Cell.of(network["cell"]), array(network["out"].weight), array(network["out"].bias))
        bare = Foreteller(*parts, Levels(0.0, 1.0))
        return Foreteller(*parts, Levels.of(raw_scores(bare, fitting.held_back)))


def _network(width: int, seed: int) -> Any:  # noqa: ANN401 - torch's
    import torch  # noqa: PLC0415 - of the extra `deep`

    torch.manual_seed(seed)
    return torch.nn.ModuleDict(
        {"cell": torch.nn.LSTM(width, _HIDDEN, batch_first=True), "out": torch.nn.Linear(_HIDDEN, width)}
    )


def _loss(network: Any, rows: Any) -> Any:  # noqa: ANN401 - torch's
    states, _ = network["cell"](rows[:, :-1])
    return ((network["out"](states) - rows[:, 1:]) ** 2).mean()
