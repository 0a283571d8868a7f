"""Five programs as a user of the API has them: training data, a batch model, a live stream, buffers, explanations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

import httpx
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

NORMAL = {"temperature": (72.0, 2.0), "humidity": (45.0, 3.0), "pressure": (1013.0, 5.0), "motor_rpm": (3000.0, 50.0)}
GROSS = {
    "temperature": (50, 95, 120, 150),
    "humidity": (10, 15, 85, 95),
    "pressure": (900, 950, 1080, 1100),
    "motor_rpm": (1500, 2000, 4500, 5000),
}
INJECTED = (100, 150, 200)
SCHEMA = dict.fromkeys(NORMAL, "numeric")
SAMPLES = 200


class Client:
    """Asks the server as the programs do: any answer but 200 is a failure."""

    def __init__(self, base: str) -> None:
        self._http = httpx.Client(base_url=base.rstrip("/") + "/v1/ml", timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask, and return the answer."""
        answer = self._http.request(method, path, json=body)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def status(self, method: str, path: str, body: dict[str, Any] | None = None) -> int:
        """Ask, and return the status alone."""
        return self._http.request(method, path, json=body).status_code


def readings(count: int, seed: int) -> list[dict[str, float]]:
    """Draw normal readings."""
    random = np.random.default_rng(seed)
    return [{name: round(float(random.normal(*usual)), 2) for name, usual in NORMAL.items()} for _ in range(count)]


def gross(seed: int) -> dict[str, float]:
    """Draw a reading that is far out in every metric."""
    random = np.random.default_rng(seed)
    return {name: float(random.choice(values)) for name, values in GROSS.items()}


def make_training_file(path: Path, seed: int = 1) -> None:
    """Program 1: write 500 normal readings."""
    path.write_text(json.dumps(readings(500, seed)), encoding="utf-8")


def train_save_score(base: str, training: Path) -> list[bool]:
    """Program 2: fit, save, list, load, score three readings; return which were anomalies."""
    name = {"model": "factory-sensors", "backend": "ecod"}
    data = json.loads(training.read_text(encoding="utf-8"))
    with Client(base) as client:
        fitted = client.ask(
            "POST",
            "/anomaly/fit",
            {
                **name,
                "data": data,
                "schema": SCHEMA,
                "contamination": 0.05,
                "normalization": "standardization",
                "overwrite": True,
                "description": "a factory's sensors",
            },
        )
        assert (fitted["model"], fitted["backend"], fitted["samples_fitted"]) == ("factory-sensors", "ecod", 500)
        assert fitted["training_time_ms"] > 0
        saved = client.ask(
            "POST", "/anomaly/save", {**name, "normalization": "standardization", "description": "once more"}
        )
        assert saved["path"]
        models = client.ask("GET", "/anomaly/models")
        assert models["total"] == len(models["data"])
        assert any(m["filename"] == "factory-sensors_ecod.joblib" and m["size_bytes"] > 0 for m in models["data"])
        assert client.ask("POST", "/anomaly/load", name)["status"] == "loaded"
        usual = {metric: mean for metric, (mean, _) in NORMAL.items()}
        scored = client.ask(
            "POST",
            "/anomaly/score",
            {
                **name,
                "data": [usual, gross(1), {**usual, "temperature": 105.0}],
                "schema": SCHEMA,
                "normalization": "standardization",
            },
        )
        assert all(isinstance(row["score"], float) for row in scored["data"])
        return [row["is_anomaly"] for row in scored["data"]]


def watch_stream(base: str, seed: int, model: str = "factory-stream") -> tuple[list[int], list[int]]:
    """Program 3: send 200 readings one by one; return which were flagged, and of which could have been."""
    flagged, scored = [], []
    with Client(base) as client:
        for number, normal in enumerate(readings(SAMPLES, seed), start=1):
            answer = client.ask(
                "POST",
                "/anomaly/stream",
                {
                    "model": model,
                    "backend": "ecod",
                    "min_samples": 50,
                    "retrain_interval": 100,
                    "window_size": 500,
                    "threshold": 0.5,
                    "contamination": 0.05,
                    "schema": SCHEMA,
                    "rolling_windows": [5, 10, 20],
                    "include_lags": True,
                    "lag_periods": [1, 2, 5],
                    "data": gross(seed + number) if number in INJECTED else normal,
                },
            )
            result = answer["results"][0]
            assert answer["samples_collected"] == number
            if answer["status"] == "collecting":
                assert result["score"] is None
                assert answer["samples_until_ready"] == 50 - number
            elif number > 50:
                assert 0.0 <= result["score"] <= 1.0
                scored.append(number)
                if result["is_anomaly"]:
                    flagged.append(number)
        stats = client.ask("GET", f"/anomaly/stream/{model}")
        assert stats["total_processed"] == SAMPLES
        assert {"status", "model_version", "samples_collected", "samples_since_retrain"} <= stats.keys()
        assert client.ask("DELETE", f"/anomaly/stream/{model}")["deleted"]
    return flagged, scored


def use_buffers(base: str, seed: int = 1) -> Any:
    """Program 4: fill a buffer, ask for features and data; return the features."""
    with Client(base) as client:
        if client.status("POST", "/polars/buffers", {"buffer_id": "sensor-analysis", "window_size": 100}) == 409:
            client.ask("POST", "/polars/buffers/sensor-analysis/clear")
        drawn = readings(50, seed)
        for batch in range(5):
            records = [
                {"timestamp": f"2026-01-01T00:00:{batch * 10 + n:02d}", **drawn[batch * 10 + n]} for n in range(10)
            ]
            records = [{k: v for k, v in record.items() if k != "motor_rpm"} for record in records]
            appended = client.ask("POST", "/polars/append", {"buffer_id": "sensor-analysis", "data": records})
            assert (appended["appended"], appended["buffer_size"]) == (10, 10 * (batch + 1))
            assert appended["avg_append_ms"] >= 0
        stats = client.ask("GET", "/polars/buffers/sensor-analysis")
        assert stats["columns"] == ["timestamp", "temperature", "humidity", "pressure"]
        assert stats["numeric_columns"] == ["temperature", "humidity", "pressure"]
        assert (stats["size"], stats["window_size"], stats["append_count"]) == (50, 100, 50)
        features = client.ask(
            "POST",
            "/polars/features",
            {
                "buffer_id": "sensor-analysis",
                "rolling_windows": [5, 10, 20],
                "include_rolling_stats": ["mean", "std", "min", "max"],
                "include_lags": True,
                "lag_periods": [1, 2, 5],
                "tail": 5,
            },
        )
        data = client.ask("GET", "/polars/buffers/sensor-analysis/data?tail=5")
        assert data["rows"] == len(data["data"]) == 5
        listed = client.ask("GET", "/polars/buffers")
        assert listed["total"] == 1
        assert {"buffer_id", "size", "memory_bytes"} <= listed["data"][0].keys()
        assert client.ask("DELETE", "/polars/buffers/sensor-analysis")["deleted"]
        return features


def explain(base: str, seed: int = 1) -> tuple[list[Any], list[Any]]:
    """Program 5: explained scores of a batch and of a stream; return the explanations of the anomalies of each."""
    random = np.random.default_rng(seed)
    usual = {"amount": (50.0, 15.0), "frequency": (5.0, 1.0), "time_since_last": (24.0, 6.0)}
    drawn = [{k: round(float(random.normal(*m)), 2) for k, m in usual.items()} for _ in range(100)]
    odd = {"amount": 5000.0, "frequency": 50.0, "time_since_last": 0.1}
    names = list(usual)
    with Client(base) as client:
        schema = dict.fromkeys(names, "numeric")
        client.ask(
            "POST",
            "/anomaly/fit",
            {"model": "explained", "backend": "isolation_forest", "data": drawn, "schema": schema},
        )
        batch = client.ask(
            "POST",
            "/anomaly/score",
            {
                "model": "explained",
                "backend": "isolation_forest",
                "data": [drawn[0], odd],
                "schema": schema,
                "explain": True,
                "feature_names": names,
            },
        )["data"]
        client.status("DELETE", "/anomaly/stream/explained-stream")
        stream: list[Any] = []
        for number in range(65):
            row = {k: round(float(random.normal(*m)), 2) for k, m in usual.items()}
            body = {"model": "explained-stream", "data": odd if number in {61, 63} else row, "backend": "ecod"}
            terms = {"min_samples": 50, "threshold": 0.6} if number < 60 else {}
            stream += client.ask("POST", "/anomaly/stream", {**body, **terms, "explain": True, "feature_names": names})[
                "results"
            ]
    found = [[row["explanation"] for row in rows if row["is_anomaly"]] for rows in (batch, stream)]
    for explanation in (*found[0], *found[1]):
        assert explanation["summary"]
        assert {c["direction"] for c in explanation["contributions"]} <= {"increases", "decreases"}
        assert all({"feature", "value", "shap_value"} <= c.keys() for c in explanation["contributions"])
    return found[0], found[1]
