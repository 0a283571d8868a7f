"""An autoencoder: what a narrow network cannot rebuild of a row (Hawkins et al., DaWaK 2002).

PyOD trains it with torch; its layers are walked here with numpy, which gives what PyOD's `decision_function` gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detector.models.backends.extras import required
from detector.models.backends.one_row import UNMEASURED, OneRow
from detector.models.backends.torch_training import alone

if TYPE_CHECKING:
    from detector.models.backends.levels import Levels
    from detector.models.backends.port import Fitting, Floats

_EPOCHS = 30
_BATCH = 32
_WIDEST = 64
_HIGH = 8.0  # deviations: rows are as wild as they like, the network is trained on none like that


@dataclass(frozen=True, slots=True)
class Narrow(OneRow):
    """A trained autoencoder.

    Attributes:
        weights, biases: of its layers, (out, in) and (out,); a ReLU stands between any two.
        levels: of its scores.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    levels: Levels

    def raw(self, row: Floats) -> float:
        """Return the distance between a row and what the network makes of it."""
        rebuilt = row
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True), 1):
            rebuilt = weight @ rebuilt + bias
            if layer < len(self.weights):
                rebuilt = np.maximum(rebuilt, 0.0)
        return float(np.linalg.norm(row - rebuilt))

    def metadata(self) -> dict[str, float]:
        """Return the size of the network."""
        return {"weights": float(sum(weight.size for weight in self.weights))}


class AutoencoderBackend:
    """A narrow network that rebuilds the row: sees curved relations, slow to train."""

    def fit(self, fitting: Fitting) -> Narrow:
        """Train on the reference."""
        required("autoencoder", ("pyod", "torch"))
        from pyod.models.auto_encoder import AutoEncoder  # noqa: PLC0415 - of the extra `deep`

        width = fitting.reference.shape[1]
        hidden = [min(_WIDEST, max(2 * width // 3, 2)), max(min(_WIDEST, width) // 3, 1)]
        with alone():
            network = AutoEncoder(
                preprocessing=False,
                epoch_num=_EPOCHS,
                batch_size=min(_BATCH, len(fitting.reference)),
                hidden_neuron_list=hidden,
                batch_norm=False,
                dropout_rate=0.0,
                random_state=fitting.seed % 2**31,
                device="cpu",
                verbose=0,
            ).fit(np.clip(fitting.reference, -_HIGH, _HIGH).astype(np.float32))
        weights, biases = _layers(network.model)
        return Narrow(weights, biases, UNMEASURED).calibrated(fitting.held_back)


def _layers(network: Any) -> tuple[tuple[Floats, ...], tuple[Floats, ...]]:  # noqa: ANN401 - torch's
    state = {name: value.detach().numpy().astype(np.float64) for name, value in network.state_dict().items()}
    names = [name.removesuffix("weight") for name in state if name.endswith("weight")]
    return tuple(state[name + "weight"] for name in names), tuple(state[name + "bias"] for name in names)
