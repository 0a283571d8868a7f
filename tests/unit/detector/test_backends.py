"""Every algorithm keeps the one contract; those of packages judge as their packages do."""

from __future__ import annotations

import pickle
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.svm import OneClassSVM

from detector.configuration.config import DetectionConfig
from detector.device.device import DeviceDetector, run_fit
from detector.models.backends import (
    BACKENDS,
    NEEDS,
    UnknownBackendError,
    backend,
    check_installed,
)
from detector.models.backends.memory import Memory, raw_scores
from detector.models.backends.port import BackendMissingError, Fitting
from detector.settings import DetectorSettings
from runtime.settings import SettingsError, load_settings
from tests.unit.detector.streams import named, noise, readings

if TYPE_CHECKING:
    from detector.models.backends.port import Floats, Judge

METRICS = 4
NAMES = [*BACKENDS, "ensemble:zscore+one_class_svm"]


def fitted(name: str) -> Judge:
    """Fit on correlated rows; skip what needs an extra that is not installed."""
    missing = [package for package in NEEDS.get(name, ()) if find_spec(package) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    z = rows(600, seed=1)
    return backend(name).fit(Fitting(z[:450], z[450:], 50, 128, 7))


def rows(count: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    z = random.standard_normal((count, 3 * METRICS))
    z[:, 1] = 0.8 * z[:, 0] + 0.6 * z[:, 1]
    return z


def judged(judge: Judge, z: Floats) -> Floats:
    memory = Memory(judge)
    return np.array([memory.judge(row) for row in z])


@pytest.mark.parametrize("name", NAMES)
def test_scores_have_the_sign_and_the_unit_of_the_contract(name: str) -> None:
    """From 0 upwards, about 1 at the 99.5 % level of normal rows, higher for odd ones; decisions the other way."""
    judge = fitted(name)
    normal, odd = judged(judge, rows(1000, seed=2)), judged(judge, rows(200, seed=3) + 6.0)
    assert normal[:, 0].min() >= 0.0
    assert 0.4 < np.quantile(normal[:, 0], 0.995) < 2.5
    assert np.median(odd[:, 0]) > 1.2 * np.quantile(normal[:, 0], 0.99)
    assert np.median(odd[:, 1]) < 0.0 < np.median(normal[:, 1])
    assert all(isinstance(value, float) for value in judge.metadata().values())


@pytest.mark.parametrize("name", NAMES)
def test_a_fit_is_reproducible_and_survives_pickling(name: str) -> None:
    """The same rows and seed give the same judge; a copy that went through a file judges the same."""
    first, second = fitted(name), fitted(name)
    z = rows(60, seed=4)
    assert np.array_equal(judged(first, z), judged(second, z))
    assert np.array_equal(judged(first, z), judged(pickle.loads(pickle.dumps(first)), z))  # noqa: S301 - our own


@pytest.mark.parametrize("name", NAMES)
def test_a_detector_finds_a_fault_by_any_algorithm_and_is_restored_exactly(name: str) -> None:
    """All turn into the same calibrated score, through the detector's own path, whatever is saved in between."""
    missing = [package for package in NEEDS.get(name, ()) if find_spec(package) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    config = DetectionConfig(backend=name, warm_up=120, trees=30, growth=100.0)
    values = noise(330, METRICS, seed=5)
    for row in range(300, 310):
        values[row]["m1"] = 160.0
    detector, restored = DeviceDetector("press", config), None
    model, alarms = None, []
    for number, reading in enumerate(readings(values)):
        outcome = detector.process(reading, named(reading), reading.measured_at)
        if restored is not None:
            assert restored.process(reading, named(reading), reading.measured_at) == outcome
        if (job := detector.fit_job) is not None:
            model = run_fit(job)
            detector.adopt(model)
        if number == 280:
            restored = DeviceDetector.restore("press", config, detector.snapshot(), model)
        alarms.append(outcome.alarm)
    assert detector.model is not None
    assert detector.model.backend == name
    assert all(alarms[300:303])
    assert sum(alarms[150:300]) <= 6


@pytest.mark.parametrize(
    ("name", "module", "cls", "options"),
    [
        ("ecod", "ecod", "ECOD", {}),
        ("hbos", "hbos", "HBOS", {}),
        ("loda", "loda", "LODA", {"random_state": 7, "n_random_cuts": 100}),
        ("copod", "copod", "COPOD", {}),
        ("knn", "knn", "KNN", {"n_neighbors": 5}),
        ("local_outlier_factor", "lof", "LOF", {"n_neighbors": 20, "novelty": True}),
        ("mcd", "mcd", "MCD", {"random_state": 7}),
        ("cblof", "cblof", "CBLOF", {"n_clusters": 8, "random_state": 7}),
    ],
)
def test_flat_scores_are_those_of_pyod(name: str, module: str, cls: str, options: dict[str, Any]) -> None:
    """One row at a time, far rows and ties included, to the last digits."""
    judge: Any = fitted(name)
    model = getattr(pytest.importorskip(f"pyod.models.{module}"), cls)(**options).fit(rows(600, seed=1)[:450])
    z = np.concatenate([rows(50, seed=6), 20.0 * rows(20, seed=7), rows(600, seed=1)[:5]])
    expected = [model.decision_function(row[np.newaxis])[0] for row in z]
    assert [judge.raw(row) for row in z] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_boundary_is_that_of_scikit_learn() -> None:
    """The decision is scikit-learn's decision_function."""
    judge = fitted("one_class_svm")
    z = np.concatenate([rows(50, seed=6), 20.0 * rows(20, seed=7)])
    expected = OneClassSVM(nu=0.05, gamma="scale").fit(rows(600, seed=1)[:450]).decision_function(z)
    assert [judge.judge(row)[1] for row in z] == pytest.approx(expected, abs=1e-9)


def test_the_compiled_lstm_is_that_of_torch() -> None:
    """States of a random cell agree with torch's, in single precision."""
    torch = pytest.importorskip("torch")
    from detector.models.backends.lstm import Cell  # noqa: PLC0415 - with torch

    layer = torch.nn.LSTM(5, 7, batch_first=True)
    z = np.random.default_rng(1).standard_normal((9, 5))
    expected, _ = layer(torch.from_numpy(z.astype(np.float32))[None])
    assert Cell.of(layer).run(z) == pytest.approx(expected[0].detach().numpy(), abs=1e-5)


def test_a_memory_ends_at_a_gap() -> None:
    """Rows that do not follow each other are no pattern: the judge sees the first row behind the gap alone."""

    class Sum:
        rows = 3

        def judge(self, row: Floats) -> tuple[float, float]:
            return float(row.sum()), 0.0

        def metadata(self) -> dict[str, float]:
            return {}

    z = np.array([[1.0], [2.0], [3.0], [10.0]])
    assert raw_scores(Sum(), z, np.array([1, 2, 3, 9])).tolist() == [3.0, 4.0, 6.0, 30.0]


@pytest.mark.parametrize("name", ["magic", "ensemble:", "ensemble:magic+zscore", "ensemble:ensemble"])
def test_an_unknown_algorithm_is_refused_with_the_names_there_are(name: str) -> None:
    """In the settings, before anything runs."""
    with pytest.raises(UnknownBackendError, match="isolation_forest"):
        backend(name)
    with pytest.raises(SettingsError, match=r"TOCSIN_BACKEND = .*expected one of isolation_forest"):
        load_settings(DetectorSettings, backend=name)


def test_an_algorithm_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings name the extra, also of an ensemble's member."""
    monkeypatch.setattr("detector.models.backends.extras.find_spec", lambda _: None)
    with pytest.raises(BackendMissingError, match=r"needs the extra deep: pip install 'tocsin\[deep\]'"):
        check_installed("ensemble:zscore+lstm_autoencoder")
    with pytest.raises(SettingsError, match=r"extra backends: pip install 'tocsin\[backends\]'"):
        load_settings(DetectorSettings, backend="ecod")
