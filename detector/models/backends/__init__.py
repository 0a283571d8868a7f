"""The algorithms, by the name that settings use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detector.models.backends.isolation_forest import IsolationForestBackend
from detector.models.backends.zscore import ZScoreBackend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detector.models.backends.port import Backend

BACKENDS: Final[Mapping[str, type[Backend]]] = {
    "isolation_forest": IsolationForestBackend,
    "zscore": ZScoreBackend,
}
