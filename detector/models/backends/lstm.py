"""A long short-term memory (Hochreiter and Schmidhuber, Neural Computation 1997), walked in compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from detector.models.backends.torch_training import array

if TYPE_CHECKING:
    from detector.models.backends.port import Floats


class Cell(NamedTuple):
    """Weights of one layer, gates in torch's order (input, forget, cell, output): (4 H, F), (4 H, H), (4 H,)."""

    inward: Floats
    inner: Floats
    bias: Floats

    @classmethod
    def of(cls, layer: Any) -> Cell:  # noqa: ANN401 - torch's
        """Read a torch LSTM of one layer."""
        bias = array(layer.bias_ih_l0) + array(layer.bias_hh_l0)
        return cls(array(layer.weight_ih_l0), array(layer.weight_hh_l0), bias)

    def run(self, rows: Floats) -> Floats:
        """Return the hidden states (n, H) after each of the rows (n, F)."""
        states: Floats = _run(np.ascontiguousarray(rows), self.inward, self.inner, self.bias)
        return states


@njit(cache=True)
def _run(rows: Floats, inward: Floats, inner: Floats, bias: Floats) -> Floats:  # pragma: no cover - compiled
    size = len(bias) // 4
    hidden = np.zeros(size)
    cell = np.zeros(size)
    states = np.empty((len(rows), size))
    gates = np.empty(4 * size)
    for n in range(len(rows)):
        for g in range(4 * size):
            total = bias[g]
            for j in range(rows.shape[1]):
                total += inward[g, j] * rows[n, j]
            for j in range(size):
                total += inner[g, j] * hidden[j]
            gates[g] = total
        for h in range(size):
            let_in = 1.0 / (1.0 + np.exp(-gates[h]))
            keep = 1.0 / (1.0 + np.exp(-gates[size + h]))
            let_out = 1.0 / (1.0 + np.exp(-gates[3 * size + h]))
            cell[h] = keep * cell[h] + let_in * np.tanh(gates[2 * size + h])
            hidden[h] = let_out * np.tanh(cell[h])
        states[n] = hidden
    return states
