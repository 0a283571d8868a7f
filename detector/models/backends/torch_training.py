"""Training with torch in the worker: one thread, a seed of its own, weights as plain arrays."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detector.models.backends.port import Floats


@contextmanager
def alone() -> Iterator[None]:
    """Train on one core: the others belong to the stream."""
    import torch  # noqa: PLC0415 - of the extra `deep`

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def train(network: Any, rows: Floats, loss_of: Any, *, epochs: int, batch: int, seed: int) -> None:  # noqa: ANN401, PLR0913 - torch's
    """Train a network by Adam.

    Args:
        network: a torch module.
        rows: (n, …) examples.
        loss_of: of (network, examples), a scalar.
        epochs: how often each is shown.
        batch: how many at once.
        seed: of the order.
    """
    import torch  # noqa: PLC0415 - of the extra `deep`

    generator = torch.Generator().manual_seed(seed)
    examples = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float32))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    network.train()
    for _ in range(epochs):
        for chosen in torch.randperm(len(examples), generator=generator).split(batch):
            optimizer.zero_grad()
            loss = loss_of(network, examples[chosen])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()


def array(parameter: Any) -> Floats:  # noqa: ANN401 - torch's
    """Return a parameter as an array."""
    made: Floats = np.ascontiguousarray(parameter.detach().numpy(), dtype=np.float64)
    return made
