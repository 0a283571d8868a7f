"""Looks at the detector's fitted models: each must be what its manifest says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.models.model_files import ModelFileError, load_model
from tocsin.doctor.finding import Finding, bad, good, skipped

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = 3
_MOST = 300


def models(state_dir: Path) -> Finding:
    """Load the newest models below a directory."""
    files = [file for folder in ("models", "trained") for file in (state_dir / folder).glob("*.joblib")]
    if not files:
        return skipped("models", f"none in {state_dir} yet", "elsewhere? --state-dir DIR")
    newest = sorted(files, key=_written, reverse=True)[:_MOST]
    wrong = []
    for file in newest:
        try:
            load_model(file)
        except ModelFileError as error:
            if file.exists():  # else the detector has just replaced it by a newer version
                wrong.append(str(error))
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        return bad("models", "; ".join(wrong[:_SHOWN]) + more, "delete them: the detector learns these devices anew")
    return good("models", f"{len(newest)} of {len(files)} in {state_dir} are what their manifests say")


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
