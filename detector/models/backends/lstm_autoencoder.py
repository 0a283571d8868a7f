"""An LSTM autoencoder: what a network cannot rebuild of the newest rows (Malhotra et al., ICML workshop 2016).

torch trains it; it is walked here without torch.
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

ROWS = 12
_HIDDEN = 16
_EPOCHS = 25
_BATCH = 64
_HIGH = 8.0


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """A trained LSTM autoencoder.

    Attributes:
        encoder, decoder: its layers; the encoder's last state is shown to the decoder at every row.
        weight, bias: (F, H) and (F,), from the decoder's state to a row.
        levels: of its scores.
    """

    encoder: Cell
    decoder: Cell
    weight: Floats
    bias: Floats
    levels: Levels

    @property
    def rows(self) -> int:
        """It looks at the newest rows."""
        return ROWS

    def raw(self, rows: Floats) -> float:
        """Return how far the newest of the rows (ROWS, F) is from what the network makes of it."""
        clipped = np.clip(rows, -_HIGH, _HIGH)
        code = self.encoder.run(clipped)[-1]
        state = self.decoder.run(np.repeat(code[np.newaxis], len(rows), axis=0))[-1]
        return float(np.linalg.norm(rows[-1] - (self.weight @ state + self.bias)))

    def judge(self, row: Floats) -> tuple[float, float]:
        """Return score and decision of the newest of several rows; a single one stands for all."""
        rows = np.repeat(row[np.newaxis], ROWS, axis=0) if row.ndim == 1 else row
        return self.levels.judged(self.raw(rows))

    def metadata(self) -> dict[str, float]:
        """Return what it looks at, and its size."""
        return {"rows": float(ROWS), "hidden": float(_HIDDEN)}


class LstmAutoencoderBackend:
    """A recurrent network that rebuilds the newest rows: sees patterns in time, very slow to train."""

    def fit(self, fitting: Fitting) -> Rebuilder:
        """Train on every window of the reference."""
        required("lstm_autoencoder", ("torch",))
        with alone():
            network = _network(fitting.reference.shape[1], fitting.seed)
            examples = windows(np.clip(fitting.reference, -_HIGH, _HIGH), ROWS)
            train(network, examples, _loss, epochs=_EPOCHS, batch=_BATCH, seed=fitting.seed)
        parts = (
            Cell.of(network["encoder"]),
            Cell.of(network["decoder"]),
            array(network["out"].weight),
            array(network["out"].bias),
        )
        bare = Rebuilder(*parts, Levels(0.0, 1.0))
        return Rebuilder(*parts, Levels.of(raw_scores(bare, fitting.held_back)))


def _network(width: int, seed: int) -> Any:  # noqa: ANN401 - torch's
    import torch  # noqa: PLC0415 - of the extra `deep`

    torch.manual_seed(seed)
    return torch.nn.ModuleDict(
        {
            "encoder": torch.nn.LSTM(width, _HIDDEN, batch_first=True),
            "decoder": torch.nn.LSTM(_HIDDEN, _HIDDEN, batch_first=True),
            "out": torch.nn.Linear(_HIDDEN, width),
        }
    )


def _loss(network: Any, rows: Any) -> Any:  # noqa: ANN401 - torch's
    _, (code, _) = network["encoder"](rows)
    states, _ = network["decoder"](code[0].unsqueeze(1).expand(-1, rows.shape[1], -1))
    return ((network["out"](states) - rows) ** 2).mean()
