from __future__ import annotations

import json
import pickle
from hashlib import sha256
from typing import TYPE_CHECKING

import joblib
import numpy as np
import pytest

from detector.device.device import DeviceDetector
from detector.models.fit import FitError, FitJob, FittedModel, run_fit
from detector.models.model_files import ModelFileError, load_model, save_model
from tests.unit.detector.streams import QUICK, named, noise, readings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def job() -> FitJob:
    """A due fit."""
    detector = DeviceDetector("press", QUICK)
    for reading in readings(noise(QUICK.warm_up)):
        detector.process(reading, named(reading), reading.measured_at)
    assert detector.fit_job is not None
    return detector.fit_job


@pytest.fixture(scope="module")
def model(job: FitJob) -> FittedModel:
    """What comes of it."""
    return run_fit(job)


def test_saved_model_comes_back(model: FittedModel, tmp_path: Path) -> None:
    """A model that was saved and loaded judges exactly as before."""
    path = tmp_path / "press-1.joblib"
    save_model(model, path)
    loaded = load_model(path)
    row = np.linspace(-5, 5, 12)
    assert loaded.judge.judge(row) == model.judge.judge(row)
    assert loaded.tail == model.tail
    assert json.loads(path.with_suffix(".json").read_text())["metrics"] == ["m0", "m1", "m2", "m3"]


def test_joblib_reads_a_saved_model(model: FittedModel, tmp_path: Path) -> None:
    """A model file is one that joblib can load, and one that joblib has written is read, too."""
    path = tmp_path / "press-1.joblib"
    save_model(model, path)
    assert joblib.load(path).tail == model.tail
    joblib.dump(model, path, compress=1)
    manifest = json.loads(path.with_suffix(".json").read_text())
    manifest["sha256"] = sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(manifest))
    assert np.array_equal(load_model(path).rows, model.rows, equal_nan=True)


def test_changed_file_is_refused(model: FittedModel, tmp_path: Path) -> None:
    """One changed byte is enough: the file is not loaded, and the error names file and reason."""
    path = tmp_path / "press-1.joblib"
    save_model(model, path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"press-1.joblib: SHA-256 is .* expected"):
        load_model(path)


def test_file_without_manifest_is_refused(model: FittedModel, tmp_path: Path) -> None:
    """A model without its manifest, or with a damaged one, is not loaded."""
    path = tmp_path / "press-1.joblib"
    save_model(model, path)
    path.with_suffix(".json").write_text("{")
    with pytest.raises(ModelFileError, match="no readable manifest"):
        load_model(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(ModelFileError, match="no readable manifest"):
        load_model(path)


def test_file_of_another_version_is_refused(model: FittedModel, tmp_path: Path) -> None:
    """A model in an earlier format is not loaded, and the error says what to do."""
    path = tmp_path / "press-1.joblib"
    save_model(model, path)
    manifest = json.loads(path.with_suffix(".json").read_text())
    manifest["format"] -= 1
    path.with_suffix(".json").write_text(json.dumps(manifest))
    with pytest.raises(ModelFileError, match=r"written by another version.* fitted anew"):
        load_model(path)


def test_other_content_is_refused(model: FittedModel, tmp_path: Path) -> None:
    """A file with a right manifest that holds something else is refused."""
    path = tmp_path / "press-1.joblib"
    save_model(model, path)
    joblib.dump({"not": "a model"}, path)
    manifest = json.loads(path.with_suffix(".json").read_text())
    manifest["sha256"] = sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(manifest))
    with pytest.raises(ModelFileError, match="holds a dict"):
        load_model(path)


def test_job_and_model_travel_between_processes(job: FitJob, model: FittedModel) -> None:
    """Jobs and models can be pickled, as a worker process needs."""
    assert pickle.loads(pickle.dumps(job)).metrics == job.metrics  # noqa: S301 - our own bytes
    assert pickle.loads(pickle.dumps(model)).named() == model.named()  # noqa: S301 - our own bytes


def test_fit_without_usable_rows_fails_clearly(job: FitJob) -> None:
    """A fit on rows that hold nothing says so."""
    empty = FitJob(**{name: getattr(job, name) for name in job.__slots__} | {"rows": job.rows * np.nan})
    with pytest.raises(FitError, match=r"'press': .* 0 usable metrics"):
        run_fit(empty)
