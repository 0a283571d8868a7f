"""Where the detector keeps its fitted models: one file a device and version."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, cast

from contracts.topics import encode_level
from detector.models.model_files import (
    JudgeReference,
    ModelFileError,
    drop_unshared,
    is_intact,
    load_judge,
    load_model,
    save_judge,
    save_model,
)

if TYPE_CHECKING:
    from pathlib import Path

    from detector.models.backends.port import Judge
    from detector.models.fit import FittedModel


class ModelShelf:
    """Files in one directory; a device's name is hashed, because it may be anything.

    Args:
        directory: of the detector's own models, made when the first one is kept.
        trained: of models that were trained beforehand, `<device as in topics>.joblib`.
    """

    def __init__(self, directory: Path, trained: Path) -> None:
        self._directory = directory
        self._trained = trained
        self._judges: dict[JudgeReference, Judge] = {}
        self._references: dict[int, JudgeReference] = {}

    def keep(self, device: str, model: FittedModel) -> Path:
        """Save a model under its version; an algorithm that it shares with others is saved once for all."""
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self.path(device, model.version)
        save_model(self._with_reference(model), path)
        return path

    def drop(self, device: str, version: int) -> None:
        """Delete a model."""
        path = self.path(device, version)
        for stale in (path, path.with_suffix(".json")):
            stale.unlink(missing_ok=True)

    def sweep(self, few: int = 20) -> None:
        """Delete the shared algorithms that no model has any more, before anything is loaded.

        To look for them every manifest is read: so few of them are left alone.
        """
        if len(list(self._directory.glob("shared-*.joblib"))) > few:
            drop_unshared(self._directory)

    def intact(self, device: str, version: int) -> bool:
        """Tell whether a model's file is what was saved."""
        return is_intact(self.path(device, version))

    def load(self, device: str, version: int) -> FittedModel:
        """Load a model.

        Raises:
            ModelFileError: it is missing or is not what was saved.
        """
        return self._with_judge(load_model(self.path(device, version)))

    def trained(self, device: str) -> FittedModel | None:
        """Load the model that `tocsin train` left for a device, if it did.

        Raises:
            ModelFileError: it is not what was saved, or was trained for another device.
        """
        path = self._trained / f"{encode_level(device)}.joblib"
        if not path.exists():
            return None
        model = load_model(path)
        if model.device != device:
            raise ModelFileError(f"{path} was trained for {model.device!r}: expected {device!r}")
        return model

    def path(self, device: str, version: int) -> Path:
        """Name the file of a device's model."""
        return self._directory / f"{blake2b(device.encode(), digest_size=12).hexdigest()}-{version}.joblib"

    def _with_reference(self, model: FittedModel) -> FittedModel:
        if model.shared_by is None:
            return model
        known = self._references.get(id(model.judge))
        if known is None:
            known = self._references[id(model.judge)] = save_judge(model.judge, self._directory)
            self._judges[known] = model.judge
        return replace(model, judge=cast("Judge", known))

    def _with_judge(self, model: FittedModel) -> FittedModel:
        reference = cast("object", model.judge)
        if not isinstance(reference, JudgeReference):
            return model
        judge = self._judges.get(reference)
        if judge is None:
            judge = self._judges[reference] = load_judge(self._directory, reference)
            self._references[id(judge)] = reference
        return replace(model, judge=judge)
