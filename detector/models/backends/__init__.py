"""The algorithms, by the name that settings use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detector.models.backends.adaptive_lstm import AdaptiveLstmBackend
from detector.models.backends.autoencoder import AutoencoderBackend
from detector.models.backends.cblof import CblofBackend
from detector.models.backends.copod import CopodBackend
from detector.models.backends.ecod import EcodBackend
from detector.models.backends.ensemble import EnsembleBackend, member_names
from detector.models.backends.extras import required
from detector.models.backends.hbos import HbosBackend
from detector.models.backends.isolation_forest import IsolationForestBackend
from detector.models.backends.knn import KnnBackend
from detector.models.backends.local_outlier_factor import LocalOutlierFactorBackend
from detector.models.backends.loda import LodaBackend
from detector.models.backends.lstm_autoencoder import LstmAutoencoderBackend
from detector.models.backends.mcd import McdBackend
from detector.models.backends.one_class_svm import OneClassSvmBackend
from detector.models.backends.zscore import ZScoreBackend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.models.backends.port import Backend


class DefaultEnsemble(EnsembleBackend):
    """The mean of the default forest, the boundary and the largest z; `ensemble:a+b` chooses others."""

    def __init__(self) -> None:
        super().__init__(
            {
                "isolation_forest": IsolationForestBackend,
                "one_class_svm": OneClassSvmBackend,
                "zscore": ZScoreBackend,
            }
        )


BACKENDS: Final[Mapping[str, type[Backend]]] = {
    "isolation_forest": IsolationForestBackend,
    "zscore": ZScoreBackend,
    "ecod": EcodBackend,
    "hbos": HbosBackend,
    "loda": LodaBackend,
    "one_class_svm": OneClassSvmBackend,
    "knn": KnnBackend,
    "local_outlier_factor": LocalOutlierFactorBackend,
    "copod": CopodBackend,
    "mcd": McdBackend,
    "cblof": CblofBackend,
    "autoencoder": AutoencoderBackend,
    "lstm_autoencoder": LstmAutoencoderBackend,
    "adaptive_lstm": AdaptiveLstmBackend,
    "ensemble": DefaultEnsemble,
}
# Packages that a fit needs beside those of the detector itself.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "ecod": ("pyod",),
    "hbos": ("pyod",),
    "loda": ("pyod",),
    "autoencoder": ("pyod", "torch"),
    "lstm_autoencoder": ("torch",),
    "adaptive_lstm": ("torch",),
}


class UnknownBackendError(Exception):
    """There is no algorithm of this name."""


def backend(name: str) -> Backend:
    """Make an algorithm: a name of the table, or `ensemble:a+b` of any of them.

    Raises:
        UnknownBackendError: there is none of this name.
    """
    if name.startswith("ensemble:"):
        return EnsembleBackend({member: BACKENDS[member] for member in checked(name)})
    checked(name)
    return BACKENDS[name]()


def checked(name: str) -> tuple[str, ...]:
    """Return the single algorithms that a name stands for.

    Raises:
        UnknownBackendError: there is none of this name.
    """
    members = tuple(member_names(name)) if name.startswith("ensemble:") else (name,)
    allowed = BACKENDS.keys() - {"ensemble"} if name.startswith("ensemble:") else BACKENDS.keys()
    unknown = [member for member in members if member not in allowed]
    if unknown or not members:
        raise UnknownBackendError(f"expected one of {', '.join(BACKENDS)}, or some of them as ensemble:ecod+zscore")
    return members


def check_installed(name: str) -> None:
    """See to it that an algorithm can be fitted here.

    Raises:
        UnknownBackendError: there is none of this name.
        BackendMissingError: it needs an extra that is not installed.
    """
    for member in checked(name):
        required(member, NEEDS.get(member, ()))
