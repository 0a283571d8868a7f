"""Streaming detectors."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from contracts.reading import Reading
from detector.configuration.config import DetectionConfig
from detector.device.device import DeviceDetector, run_fit
from detector.http.fits import Fits
from detector.http.live_stream import LiveStream
from detector.http.terms import Terms
from detector.models.fit import FitError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx


class AtOnce(Fits):
    """Fits in this process."""

    async def run(self, fit: Callable[[Any], Any], asked: Any) -> Any:
        return fit(asked)


def terms(**more: Any) -> Terms:
    chosen = {
        "model": "s",
        "backend": "isolation_forest",
        "served_by": "isolation_forest",
        "min_samples": 50,
        "retrain_interval": 10_000,
        "window_size": 500,
        "threshold": 0.5,
        "schema": None,
    }
    return Terms(**{**chosen, **more})


def samples(count: int, seed: int = 1) -> list[dict[str, float]]:
    drawn = np.random.default_rng(seed).normal([20.0, 5.0], [1.0, 0.5], (count, 2))
    return [{"a": float(a), "b": float(b)} for a, b in drawn]


def test_a_stream_scores_as_a_device_on_the_bus_does() -> None:
    """The same values give the same scores by request and by the detector that MQTT readings go through."""
    sent = [*samples(90), {"a": 60.0, "b": 5.0}, *samples(20, seed=2)]
    by_request = asyncio.run(LiveStream(terms(), AtOnce()).take(sent, explain=False))
    detector = DeviceDetector("s", DetectionConfig(warm_up=50))
    scores: list[float | None] = []
    for number, values in enumerate(sent):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
        reading = Reading(device="s", values=dict(values), measured_at=at, clock="replay")
        ready = detector.model is not None
        outcome = detector.process(reading, f"{number:032x}", at)
        scores.append(outcome.score if ready else None)
        if number == 49 and (job := detector.fit_job) is not None:
            detector.adopt(run_fit(job))
    assert [result.score for result in by_request] == scores
    assert [result.index for result in by_request if result.is_anomaly] == [90]


def test_samples_score_the_same_one_by_one_and_all_at_once() -> None:
    """How samples are cut into requests changes nothing."""

    async def take(sizes: list[int]) -> list[float | None]:
        stream, sent, scores = LiveStream(terms(), AtOnce()), samples(120), []
        for size in sizes:
            scores += [result.score for result in await stream.take(sent[:size], explain=False)]
            del sent[:size]
        return scores

    assert asyncio.run(take([120])) == asyncio.run(take([1] * 60 + [7, 53])) == asyncio.run(take([49, 2, 69]))


def test_the_sample_that_completes_the_warm_up_brings_the_model(client: httpx.Client) -> None:
    """Scores are null while a stream collects, and for the last sample of the warm-up, which makes it ready."""
    answers = [
        client.post("/v1/ml/anomaly/stream", json={"model": "warm", "min_samples": 50, "data": sample}).json()
        for sample in samples(51)
    ]
    assert [a["status"] for a in answers] == ["collecting"] * 49 + ["ready"] * 2
    assert [a["samples_until_ready"] for a in answers] == [*range(49, -1, -1), 0]
    assert [a["results"][0]["score"] is None for a in answers] == [True] * 50 + [False]
    assert [a["model_version"] for a in answers[48:]] == [0, 1, 1]
    assert client.delete("/v1/ml/anomaly/stream/warm").status_code == 200


def test_later_calls_do_not_change_a_streams_terms(client: httpx.Client) -> None:
    """Configuration counts on the first call alone."""
    body = {"model": "fixed", "min_samples": 60, "threshold": 0.9, "data": samples(3)}
    assert client.post("/v1/ml/anomaly/stream", json=body).json()["threshold"] == 0.9
    later = {"model": "fixed", "data": samples(1)[0], "backend": "no such thing", "threshold": 0.1}
    assert client.post("/v1/ml/anomaly/stream", json=later).json()["threshold"] == 0.9
    stats = client.get("/v1/ml/anomaly/stream/fixed").json()
    assert (stats["min_samples"], stats["total_processed"], stats["backend"]) == (60, 4, "ecod")
    assert client.delete("/v1/ml/anomaly/stream/fixed").status_code == 200


def test_a_stream_is_retrained_in_the_background() -> None:
    """After each interval the model gets a new version, and samples are scored meanwhile."""

    class Later(AtOnce):
        async def run(self, fit: Callable[[Any], Any], asked: Any) -> Any:
            await asyncio.sleep(0)
            return fit(asked)

    async def run() -> list[tuple[str, int]]:
        stream, seen = LiveStream(terms(retrain_interval=30), Later()), []
        for sample in samples(150):
            await stream.take([sample], explain=False)
            seen.append((stream.status, stream.version))
            await asyncio.sleep(0)
        return seen

    seen = asyncio.run(run())
    assert ("retraining", 1) in seen
    assert seen[-1] in {("ready", 4), ("retraining", 3)}
    assert [version for _, version in seen] == sorted(version for _, version in seen)


def test_a_reset_stream_collects_again(client: httpx.Client) -> None:
    """Reset forgets samples and model but not the terms; a detector that is not there is a 404."""
    body = {"model": "again", "min_samples": 30, "data": samples(40)}
    assert client.post("/v1/ml/anomaly/stream", json=body).json()["status"] == "ready"
    assert client.post("/v1/ml/anomaly/stream/again/reset").json()["status"] == "collecting"
    stats = client.get("/v1/ml/anomaly/stream/again").json()
    assert (stats["total_processed"], stats["model_version"], stats["min_samples"]) == (0, 0, 30)
    assert client.delete("/v1/ml/anomaly/stream/again").json()["deleted"]
    for method, path in (("GET", "again"), ("DELETE", "again"), ("POST", "again/reset")):
        assert client.request(method, f"/v1/ml/anomaly/stream/{path}").status_code == 404


def test_the_list_of_detectors_is_not_taken_for_a_detector(client: httpx.Client) -> None:
    """`/stream/detectors` lists."""
    client.post("/v1/ml/anomaly/stream", json={"model": "listed", "data": samples(1)[0]})
    listed = client.get("/v1/ml/anomaly/stream/detectors").json()
    assert "listed" in [one["model_id"] for one in listed["data"]]
    assert listed["total"] == len(listed["data"])
    assert client.delete("/v1/ml/anomaly/stream/listed").status_code == 200


def test_texts_are_left_out_or_encoded(client: httpx.Client) -> None:
    """Without a schema only numbers count; with one, texts are encoded as it says."""
    plain = {"model": "texts", "min_samples": 30, "data": [{**s, "time": f"t{n}"} for n, s in enumerate(samples(40))]}
    assert client.post("/v1/ml/anomaly/stream", json=plain).json()["results"][-1]["is_anomaly"] is False
    schema = {"a": "numeric", "mode": "label"}
    data = [{"a": s["a"], "mode": "xy"[n % 2]} for n, s in enumerate(samples(60))]
    coded = {"model": "coded", "min_samples": 50, "schema": schema, "data": data}
    assert client.post("/v1/ml/anomaly/stream", json=coded).json()["status"] == "ready"
    for model in ("texts", "coded"):
        assert client.delete(f"/v1/ml/anomaly/stream/{model}").status_code == 200


@pytest.mark.parametrize("data", [{"time": "noon"}, {}, [], {"a": 1e300}, {"a": [1]}, "x"])
def test_samples_without_usable_numbers_are_refused(client: httpx.Client, data: Any) -> None:
    """A sample that says nothing, or nothing that can be reckoned with, is refused."""
    answer = client.post("/v1/ml/anomaly/stream", json={"model": "none", "data": data})
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_many_clients_of_one_stream_take_turns() -> None:
    """Samples sent at once by several clients are all taken, each request in its own order, while fits run."""

    async def run() -> tuple[int, list[list[int]]]:
        stream = LiveStream(terms(retrain_interval=60), AtOnce())
        batches = [samples(size, seed) for seed, size in enumerate([1, 70, 30, 2, 55, 40, 3, 99])]
        taken = await asyncio.gather(*(stream.take(batch, explain=False) for batch in batches))
        return stream.processed, [[result.index for result in results] for results in taken]

    processed, indices = asyncio.run(run())
    assert processed == 300
    assert indices == [list(range(size)) for size in (1, 70, 30, 2, 55, 40, 3, 99)]


def test_a_fit_that_fails_leaves_the_stream_collecting() -> None:
    """A stream whose rows make no model goes on collecting and tries again."""

    class Failing(AtOnce):
        fits = 0

        async def run(self, fit: Callable[[Any], Any], asked: Any) -> Any:
            self.fits += 1
            if self.fits == 1:
                raise FitError("no")
            return fit(asked)

    async def run() -> list[str]:
        stream = LiveStream(terms(), Failing())
        states = []
        for sample in samples(61):
            await stream.take([sample], explain=False)
            states.append(stream.status)
        return states

    assert asyncio.run(run()) == ["collecting"] * 59 + ["ready"] * 2
