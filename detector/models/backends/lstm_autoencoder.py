"""An LSTM autoencoder: what a network cannot rebuild of the newest rows (Malhotra et al., ICML workshop 2016)."""

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

ROWS = 12
_HIDDEN = 16


@dataclass(frozen=True, slots=True)
class Rebuilder(RecurrentJudge):
    """A trained LSTM autoencoder.

    Attributes:
        encoder, decoder: its layers; the encoder's last state is shown to the decoder at every row.
        weight, bias: (F, H) and (F,), from the decoder's state to a row.
        levels: of its scores.
    """

    looks_at: ClassVar[int] = ROWS
    hidden: ClassVar[int] = _HIDDEN
    encoder: Cell
    decoder: Cell
    weight: Floats
    bias: Floats
    levels: Levels

    def raw(self, rows: Floats) -> float:
        """Return how far the newest of the rows (ROWS, F) is from what the network makes of it."""
        clipped = np.clip(rows, -HIGH, HIGH)
        code = self.encoder.run(clipped)[-1]
        state = self.decoder.run(np.repeat(code[np.newaxis], len(rows), axis=0))[-1]
        return float(np.linalg.norm(rows[-1] - (self.weight @ state + self.bias)))


class LstmAutoencoderBackend(RecurrentBackend[Rebuilder]):
    """A recurrent network that rebuilds the newest rows: sees patterns in time, very slow to train."""

    name = "lstm_autoencoder"
    looks_at = ROWS
    epochs = 25

    def network(self, width: int, seed: int) -> Any:  # noqa: ANN401 - torch's
        """Make encoder, decoder and the way back to a row."""
        import torch  # noqa: PLC0415 - of the extra `deep`

        torch.manual_seed(seed)
        return torch.nn.ModuleDict(
            {
                "encoder": torch.nn.LSTM(width, _HIDDEN, batch_first=True),
                "decoder": torch.nn.LSTM(_HIDDEN, _HIDDEN, batch_first=True),
                "out": torch.nn.Linear(_HIDDEN, width),
            }
        )

    def loss(self, network: Any, rows: Any) -> Any:  # noqa: ANN401 - torch's
        """Return the mean square of what is not rebuilt."""
        _, (code, _) = network["encoder"](rows)
        states, _ = network["decoder"](code[0].unsqueeze(1).expand(-1, rows.shape[1], -1))
        return ((network["out"](states) - rows) ** 2).mean()

    def walked(self, network: Any, levels: Levels) -> Rebuilder:  # noqa: ANN401 - torch's
        """Take the weights out of a trained network."""
        out = network["out"]
        encoder, decoder = Cell.of(network["encoder"]), Cell.of(network["decoder"])
        return Rebuilder(encoder, decoder, array(out.weight), array(out.bias), levels)
