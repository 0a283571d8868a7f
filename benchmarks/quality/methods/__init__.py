"""What is compared, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.quality.methods import half_space, simple, tocsin, trained

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.quality.recording import Recording, Verdicts

METHODS: Final[Mapping[str, Callable[[Recording], Verdicts]]] = {
    "tocsin": tocsin.judge,
    "random": simple.random,
    "always": simple.always,
    "max_z": simple.max_z,
    "iforest_raw": trained.iforest_raw,
    "iforest_rolling": trained.iforest_rolling,
    "ecod": trained.ecod,
    "hbos": trained.hbos,
    "loda": trained.loda,
    "pca": trained.pca,
    "half_space_trees": half_space.half_space_trees,
}
