"""The fitted models of all devices: files on the shelf, and the book that says what they are."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from detector.models.model_files import ModelFileError
from runtime.logs import get_logger

if TYPE_CHECKING:
    from detector.device.tracked import Tracked
    from detector.models.fit import FitJob, FittedModel
    from detector.stock.model_classes import ModelClasses
    from detector.stock.model_shelf import ModelShelf
    from detector.store.model_book import ModelVersion
    from detector.store.state import StateFile

_log = get_logger("detector.models")


class ModelStock:
    """Keeps the newest few versions of each device's model, and the one in use.

    Args:
        state: an open state file.
        shelf: the files.
        kept: versions of a device that are kept.
        classes: of devices that share.
    """

    def __init__(self, state: StateFile, shelf: ModelShelf, kept: int, classes: ModelClasses) -> None:
        self._state = state
        self.shelf = shelf
        self._kept = kept
        self._classes = classes

    def numbered(self, tracked: Tracked, job: FitJob, *, anew: bool = False) -> FitJob:
        """Give a fit the next version of its device: after a rollback it is not the one behind the model in use.

        Args:
            tracked: the device.
            job: the fit.
            anew: whether the algorithm has to be fitted, though the device's class may have one.
        """
        job = replace(job, version=self._state.models.next_version(tracked.number))
        return self._classes.lend(job, time.time(), anew=anew)

    def must_wait(self, job: FitJob) -> bool:
        """Tell whether a fit has to wait for that of another device of its class."""
        return self._classes.must_wait(job, time.time())

    def give_up(self, device: str) -> None:
        """Expect no model of a fit that came to nothing."""
        self._classes.give_up(device)

    def renumbered(self, tracked: Tracked, model: FittedModel) -> FittedModel:
        """Give a model that comes from elsewhere the next version of its device."""
        return replace(model, version=self._state.models.next_version(tracked.number))

    def write(self, model: FittedModel) -> FittedModel:
        """Save a model's file, with what it shares; return it as it is to be used. May be called in any one thread."""
        model = self._classes.fitted(model, time.time())
        self.shelf.keep(model.device, model)
        return model

    def note(self, tracked: Tracked, model: FittedModel, reason: str) -> None:
        """Note a model whose file is written, and forget the oldest that are not in use."""
        book = self._state.models
        book.add(tracked.number, model, reason, time.time())
        for old in book.versions(tracked.number)[self._kept :]:
            if old.version != tracked.version:
                book.forget(tracked.number, old.version)
                self.shelf.drop(tracked.name, old.version)

    def saved(self, device: str, version: int, fitted_at: float) -> FittedModel | None:
        """Load the model that a device was judged by, which was fitted then (epoch s); None for version 0.

        Raises:
            ModelFileError: it is missing or is not what was saved.
        """
        return self._classes.loaded(self.shelf.load(device, version), fitted_at) if version else None

    def load(self, tracked: Tracked, version: int) -> FittedModel:
        """Load a version.

        Raises:
            ModelFileError: it is missing or is not what was saved.
        """
        return self.shelf.load(tracked.name, version)

    def trained(self, device: str) -> FittedModel | None:
        """Load the model that was trained beforehand for a device, if one was.

        Raises:
            ModelFileError: it is not what was saved, or was trained for another device.
        """
        return self.shelf.trained(device)

    def versions(self, tracked: Tracked) -> list[ModelVersion]:
        """List the versions of a device, newest first."""
        return self._state.models.versions(tracked.number)

    def intact(self, tracked: Tracked, version: int) -> bool:
        """Tell whether a version's file is what was saved."""
        return self.shelf.intact(tracked.name, version)

    def last_good(self, number: int, device: str, *, but: int) -> FittedModel | None:
        """Load the newest version of a device that is what was saved, leaving one out; None without any."""
        for known in self._state.models.versions(number):
            if known.version == but:
                continue
            try:
                return self.shelf.load(device, known.version)
            except ModelFileError as error:
                _log.error("model refused", device=device, version=known.version, reason=str(error))
        return None
