"""Which model each device judges by: one that was fitted, an earlier one, or one trained before its first reading."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from detector.models.model_files import ModelFileError
from runtime.logs import get_logger

if TYPE_CHECKING:
    from detector.device.tracked import Tracked
    from detector.fleet.journal import Journal
    from detector.models.fit import FittedModel
    from detector.stock.model_stock import ModelStock

_log = get_logger("detector.fleet.models_in_use")


class ModelsInUse:
    """Gives devices their models; the snapshots that name them are kept with the caller's transaction.

    Args:
        stock: the fitted models.
        journal: what this transaction has to keep.
    """

    def __init__(self, stock: ModelStock, journal: Journal) -> None:
        self._stock = stock
        self._journal = journal

    def adopt(self, tracked: Tracked, fitted: FittedModel, reason: str) -> None:
        """Give a device a model that was fitted and whose file is written: now the snapshot may name it."""
        tracked.detector.adopt(fitted)
        tracked.pinned = False
        self._stock.note(tracked, fitted, reason)
        self._in_use_now(tracked)

    def go_back(self, tracked: Tracked, version: int) -> None:
        """Give a device an earlier version of its model, until somebody asks for another fit.

        Raises:
            ModelFileError: it is missing or is not what was saved.
        """
        tracked.detector.adopt(self._stock.load(tracked, version))
        tracked.pinned = True
        self._in_use_now(tracked)

    def begin_with_training(self, tracked: Tracked) -> None:
        """Give a device that is new the model that was trained for it, if there is one."""
        try:
            model = self._stock.trained(tracked.name)
        except ModelFileError as error:
            _log.error("trained model refused; the device is learned anew", device=tracked.name, reason=str(error))
            return
        if model is not None:
            tracked.detector.begin_with(model)
            self._stock.note(tracked, self._stock.write(model), "trained")
            self._in_use_now(tracked)
            _log.info("starts from a trained model", device=tracked.name, rows=len(model.rows))

    def _in_use_now(self, tracked: Tracked) -> None:
        tracked.fitted_at = time.time()
        self._journal.save(tracked)
