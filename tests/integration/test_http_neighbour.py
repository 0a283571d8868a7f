"""The programs of the API's users, against a detector that runs as it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.neighbour import clients
from tests.plant import wait_for
from tocsin.broker.local_broker import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEEDS = range(6)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server as `python -m detector.http` starts it."""
    port = free_port()
    environment = {"TOCSIN_HTTP_PORTS": str(port), "TOCSIN_STATE_DIR": str(tmp_path_factory.mktemp("neighbour"))}
    process = subprocess.Popen([sys.executable, "-m", "detector.http"], env={**os.environ, **environment})
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(url), 120, "the server answers")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_train_save_load_and_score(base: str, tmp_path: Path) -> None:
    """The program that trains on a file finds its two gross rows and calls the usual one normal."""
    training = tmp_path / "training_data.json"
    clients.make_training_file(training)
    assert clients.train_save_score(base, training) == [False, True, True]


def test_every_injected_anomaly_of_the_stream_rings_and_hardly_any_other(base: str) -> None:
    """Over several seeds all injected readings are flagged, and at most one in fifty of the others."""
    missed, false, others = [], 0, 0
    for seed in SEEDS:
        flagged, scored = clients.watch_stream(base, seed)
        missed += [(seed, number) for number in clients.INJECTED if number not in flagged]
        false += len(set(flagged) - set(clients.INJECTED))
        others += len(scored) - len(clients.INJECTED)
    assert missed == []
    assert others > 100 * len(SEEDS)
    assert false <= 0.02 * others


def test_buffers_and_features(base: str) -> None:
    """The program that fills a buffer gets its rolling and lagged columns; it can be run twice."""
    for _ in range(2):
        features = clients.use_buffers(base)
    rolling = [column for column in features["columns"] if "rolling" in column]
    lags = [column for column in features["columns"] if "lag" in column]
    assert (features["rows"], len(rolling), len(lags)) == (5, 3 * 3 * 4, 3 * 3)
    assert all(features["data"][-1][column] is not None for column in rolling)


def test_explanations_of_a_batch_and_of_a_stream(base: str) -> None:
    """Anomalies of both carry an explanation that names a feature which increases the score."""
    for explanations in clients.explain(base):
        assert explanations
        assert all(one["contributions"][0]["direction"] == "increases" for one in explanations)
