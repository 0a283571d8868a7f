"""An LSTM that foretells the next row and follows slow change (after Malhotra et al., ESANN 2015).

What it foretold wrongly of the rows just before is taken off, up to one deviation: a slow drift is followed, a fault is
not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detector.models.backends.lstm import Cell
from detector.models.backends.recurrent import HIGH, RecurrentBackend, RecurrentJudge
from detector.models.backends.torch_training import array

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Floats

ROWS = 24
_FOLLOWED = 12  # rows whose errors are followed
_MOST_FOLLOWED = 1.0  # deviations
_HIDDEN = 24


@dataclass(frozen=True, slots=True)
class Foreteller(RecurrentJudge):
    """A trained forecaster.

    Attributes:
        cell: its layer.
        weight, bias: (F, H) and (F,), from the state to the next row.
        levels: of its scores.
    """

    looks_at: ClassVar[int] = ROWS
    hidden: ClassVar[int] = _HIDDEN
    cell: Cell
    weight: Floats
    bias: Floats
    levels: Levels

    def raw(self, rows: Floats) -> float:
        """Return how far the newest of the rows (ROWS, F) is from what those before it let expect."""
        states = self.cell.run(np.clip(rows[:-1], -HIGH, HIGH))
        errors = rows[1:] - (states @ self.weight.T + self.bias)
        followed = np.clip(np.median(errors[-1 - _FOLLOWED : -1], axis=0), -_MOST_FOLLOWED, _MOST_FOLLOWED)
        return float(np.linalg.norm(errors[-1] - followed))


class AdaptiveLstmBackend(RecurrentBackend[Foreteller]):
    """A recurrent network that foretells the next row and follows slow change; very slow to train."""

    name = "adaptive_lstm"
    looks_at = ROWS
    epochs = 20

    def network(self, width: int, seed: int) -> Any:  # noqa: ANN401 - torch's
        """Make the layer and the way from its state to the next row."""
        import torch  # noqa: PLC0415 - of the extra `deep`

        torch.manual_seed(seed)
        return torch.nn.ModuleDict(
            {"cell": torch.nn.LSTM(width, _HIDDEN, batch_first=True), "out": torch.nn.Linear(_HIDDEN, width)}
        )

    def loss(self, network: Any, rows: Any) -> Any:  # noqa: ANN401 - torch's
        """Return the mean square of what is foretold wrongly."""
        states, _ = network["cell"](rows[:, :-1])
        return ((network["out"](states) - rows[:, 1:]) ** 2).mean()

    def walked(self, network: Any, levels: Levels) -> Foreteller:  # noqa: ANN401 - torch's
        """Take the weights out of a trained network."""
        out = network["out"]
        return Foreteller(Cell.of(network["cell"]), array(out.weight), array(out.bias), levels)
