"""Fitted models as files: joblib, with a manifest beside it whose SHA-256 is checked before anything is loaded.

joblib files are pickles: loading one runs what it says. The manifest guards against damage and mix-ups, not against
someone who can write both files.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import joblib

from detector.models.fit import FittedModel

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT = 1


class ModelFileError(Exception):
    """A model file is missing, damaged or of another kind."""


def save_model(model: FittedModel, path: Path) -> None:
    """Write a model to `path` and its manifest beside it (suffix .json); readers see old or new, never half of one."""
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=1)
    content = buffer.getvalue()
    manifest = {
        "format": _FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "device": model.device,
        "version": model.version,
        "backend": model.backend,
        "metrics": list(model.metrics),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scikit-learn": version("scikit-learn"),
    }
    _replace(path, content)
    _replace(path.with_suffix(".json"), json.dumps(manifest, indent=1, ensure_ascii=False).encode())


def is_intact(path: Path) -> bool:
    """Tell whether a model file is what its manifest says."""
    try:
        return _checked(path) is not None
    except ModelFileError:
        return False


def load_model(path: Path) -> FittedModel:
    """Read a model.

    Raises:
        ModelFileError: file or manifest is missing, they do not belong together, or the content is no model.
    """
    content = _checked(path)
    try:
        model = joblib.load(io.BytesIO(content))
    except Exception as error:  # a pickle of another version can raise anything
        raise ModelFileError(f"{path}: not loadable by this version: {type(error).__name__}: {error}") from error
    if not isinstance(model, FittedModel):
        raise ModelFileError(f"{path}: holds a {type(model).__name__}, expected a fitted model")
    return model


def _checked(path: Path) -> bytes:
    manifest = _manifest(path.with_suffix(".json"))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != manifest.get("sha256"):
        raise ModelFileError(f"{path}: SHA-256 is {digest}, expected {manifest.get('sha256')} as its manifest says")
    return content


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{path}: no readable manifest: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise ModelFileError(f"{path}: expected a manifest of format {_FORMAT}")
    return manifest


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
