"""Fitted models as files: joblib, with a manifest beside it whose SHA-256 is checked before anything is loaded.

joblib files are pickles: loading one runs what it says. The manifest guards against damage and mix-ups, not against
someone who can write both files.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import platform
import zlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

import joblib

from detector.models.fit import FittedModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from detector.models.backends.port import Judge

_FORMAT = 3  # rises with every change of what a model holds
_PROTOCOL = 5
_QUICK = 1
_PACKED = b"x"  # how zlib's format begins


@dataclass(frozen=True, slots=True)
class JudgeReference:
    """Stands in a model file for an algorithm that several models share, which is in a file of its own."""

    digest: str


class ModelFileError(Exception):
    """A model file is missing, damaged or of another kind."""


def save_model(model: FittedModel, path: Path) -> None:
    """Write a model to `path` and its manifest beside it (suffix .json); readers see old or new, never half of one."""
    _write(
        model,
        path,
        {
            "device": model.device,
            "version": model.version,
            "backend": model.backend,
            "metrics": list(model.metrics),
            "shares": model.judge.digest if isinstance(model.judge, JudgeReference) else None,
        },
    )


def save_judge(judge: Judge, directory: Path) -> JudgeReference:
    """Write an algorithm that models share, under a name that its content gives; once is enough."""
    content = _dumped(judge)
    reference = JudgeReference(hashlib.sha256(content).hexdigest()[:32])
    path = judge_path(directory, reference)
    if not is_intact(path):
        _write(judge, path, {"shared": True})
    return reference


def load_judge(directory: Path, reference: JudgeReference) -> Judge:
    """Read an algorithm that models share.

    Raises:
        ModelFileError: it is missing or is not what was saved.
    """
    path = judge_path(directory, reference)
    judge = _loaded(path)
    if not hasattr(judge, "judge"):
        raise ModelFileError(f"{path}: holds a {type(judge).__name__}, expected a fitted algorithm")
    return cast("Judge", judge)


def judge_path(directory: Path, reference: JudgeReference) -> Path:
    """Name the file of a shared algorithm."""
    return directory / f"shared-{reference.digest}.joblib"


def drop_unshared(directory: Path) -> None:
    """Delete the shared algorithms that no model in a directory names; none where a manifest does not say."""
    shared = {path.stem.removeprefix("shared-"): path for path in directory.glob("shared-*.joblib")}
    try:
        named = {_manifest(path)["shares"] for path in directory.glob("*.json") if not path.match("shared-*")}
    except (ModelFileError, KeyError):
        return
    for digest in shared.keys() - named:
        shared[digest].unlink()
        shared[digest].with_suffix(".json").unlink(missing_ok=True)


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
    model = _loaded(path)
    if not isinstance(model, FittedModel):
        raise ModelFileError(f"{path}: holds a {type(model).__name__}, expected a fitted model")
    return model


def _loaded(path: Path) -> object:
    content = _checked(path)
    try:
        return _unpickled(content)
    except Exception as error:  # a pickle of another version can raise anything
        raise ModelFileError(f"{path}: not loadable by this version: {type(error).__name__}: {error}") from error


def _dumped(content: object) -> bytes:
    # What joblib.load reads; joblib.dump takes arrays apart, which costs much more than it saves for small ones.
    return zlib.compress(pickle.dumps(content, protocol=_PROTOCOL), _QUICK)


def _unpickled(content: bytes) -> object:
    plain = zlib.decompress(content) if content.startswith(_PACKED) else b""
    if not plain or b"NumpyArrayWrapper" in plain:  # joblib.dump has written it
        return joblib.load(io.BytesIO(content))
    return pickle.loads(plain)  # noqa: S301 - its SHA-256 is that of the manifest


def _write(content: object, path: Path, described: Mapping[str, object]) -> None:
    dumped = _dumped(content)
    manifest = {
        "format": _FORMAT,
        "sha256": hashlib.sha256(dumped).hexdigest(),
        "bytes": len(dumped),
        **described,
        "python": platform.python_version(),
        "numpy": _version_of("numpy"),
        "scikit-learn": _version_of("scikit-learn"),
    }
    _replace(path, dumped)
    _replace(path.with_suffix(".json"), json.dumps(manifest, indent=1, ensure_ascii=False).encode())


@cache
def _version_of(package: str) -> str:
    return version(package)


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
    if not isinstance(manifest, dict):
        raise ModelFileError(f"{path}: expected a manifest of format {_FORMAT}")
    if manifest.get("format") != _FORMAT:
        raise ModelFileError(
            f"{path}: written by another version, in format {manifest.get('format')!r}: expected {_FORMAT};"
            " it must be fitted anew"
        )
    return manifest


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
