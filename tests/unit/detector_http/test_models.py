"""Models by request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detector.models.backends import NEEDS

if TYPE_CHECKING:
    import httpx

    from detector.rows.features import Floats

NAMES = (
    *("isolation_forest", "one_class_svm", "local_outlier_factor", "autoencoder", "ecod", "hbos"),
    *("copod", "knn", "mcd", "cblof", "suod", "loda"),
)
ROWS, SPREAD = 60, np.array([1.0, 2.0])


def rows(seed: int, count: int = ROWS) -> Floats:
    return 10.0 + SPREAD * np.random.default_rng(seed).normal(size=(count, 2))


def fit(client: httpx.Client, model: str, **more: Any) -> Any:
    body = {"model": model, "data": rows(1).tolist(), **more}
    answer = client.post("/v1/ml/anomaly/fit", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def score(client: httpx.Client, model: str, data: Any, **more: Any) -> Any:
    answer = client.post("/v1/ml/anomaly/score", json={"model": model, "data": data, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_threshold_is_exceeded_by_the_contamination_of_the_fitted_rows(client: httpx.Client) -> None:
    """Of the rows that a model was fitted on, about the share named as contamination is anomalous."""
    fit(client, "share", contamination=0.2)
    answer = score(client, "share", rows(1).tolist())
    assert answer["summary"]["anomaly_rate"] == pytest.approx(0.2, abs=0.02)
    assert [row["index"] for row in answer["data"]] == list(range(ROWS))


def test_a_rows_score_does_not_depend_on_its_neighbours(client: httpx.Client) -> None:
    """Rows scored together, alone or in another order score the same."""
    fit(client, "alone")
    data = [*rows(2, 5).tolist(), [500.0, 10.0], [10.0, None]]
    together = [row["score"] for row in score(client, "alone", data)["data"]]
    alone = [score(client, "alone", [row])["data"][0]["score"] for row in data]
    backwards = [row["score"] for row in score(client, "alone", data[::-1])["data"]][::-1]
    assert together == alone == backwards
    assert max(together) == together[5]


def test_requests_at_the_same_time_do_not_disturb_each_other(client: httpx.Client) -> None:
    """Several threads that score different rows by one model each get what they would get alone."""
    fit(client, "shared")
    tables = [(rows(seed, 40) * (1 + seed)).tolist() for seed in range(4)]
    alone = [score(client, "shared", table)["data"] for table in tables]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            together = list(threads.map(lambda table: score(client, "shared", table)["data"], tables))
            assert together == alone


def test_detect_returns_the_anomalous_rows_of_score(client: httpx.Client) -> None:
    """`detect` gives index and scores of the rows that `score` calls anomalies, and of no others."""
    fit(client, "odd")
    data = [[10.0, 10.0], [99.0, 10.0], [10.0, -99.0]]
    scored = score(client, "odd", data)["data"]
    found = client.post("/v1/ml/anomaly/detect", json={"model": "odd", "data": data}).json()
    expected = [{k: row[k] for k in ("index", "score", "raw_score")} for row in scored if row["is_anomaly"]]
    assert found["data"] == expected
    assert found["summary"]["anomalies_detected"] == 2


@pytest.mark.parametrize("normalization", ["standardization", "zscore", "raw"])
def test_a_verdict_is_the_same_in_every_normalization(client: httpx.Client, normalization: str) -> None:
    """Scores and threshold change their scale together; a threshold of the client's own counts as it is."""
    fit(client, "scales")
    data = rows(3, 30).tolist()
    verdicts = [row["is_anomaly"] for row in score(client, "scales", data)["data"]]
    other = score(client, "scales", data, normalization=normalization)
    assert [row["is_anomaly"] for row in other["data"]] == verdicts
    highest = max(row["score"] for row in other["data"])
    strict = score(client, "scales", data, normalization=normalization, threshold=highest)
    assert strict["summary"]["anomaly_count"] == 0


def test_a_version_of_its_own_is_found_as_the_latest(client: httpx.Client) -> None:
    """Without overwrite a model gets a version in its name, and `-latest` finds it."""
    first = fit(client, "line", overwrite=False)
    assert first["versioned_name"].startswith("line_2")
    assert score(client, "line-latest", [[10, 10]])["model"] == first["versioned_name"]
    loaded = client.post("/v1/ml/anomaly/load", json={"model": "line-latest"}).json()
    assert (loaded["model"], loaded["is_fitted"]) == (first["versioned_name"], True)
    listed = client.get("/v1/ml/anomaly/models").json()["data"]
    assert [m["is_versioned"] for m in listed if m["base_name"] == "line"] == [True]


def test_a_deleted_model_is_gone(client: httpx.Client) -> None:
    """After its file is deleted a model cannot be scored, saved, loaded or deleted again."""
    filename = fit(client, "gone")["saved_path"].rpartition("/")[2]
    assert client.delete(f"/v1/ml/anomaly/models/{filename}").json()["deleted"]
    assert client.delete(f"/v1/ml/anomaly/models/{filename}").status_code == 404
    assert client.post("/v1/ml/anomaly/score", json={"model": "gone", "data": [[1, 2]]}).status_code == 400
    for route in ("save", "load"):
        assert client.post(f"/v1/ml/anomaly/{route}", json={"model": "gone"}).status_code == 404


@pytest.mark.parametrize("filename", ["..%2F..%2Fstate.db", "x.json", "..joblib", ".joblib", "a%00.joblib", "state.db"])
def test_only_model_files_can_be_deleted(client: httpx.Client, filename: str) -> None:
    """A name that is no model file's is refused."""
    assert client.delete(f"/v1/ml/anomaly/models/{filename}").status_code in {400, 404}


@pytest.mark.parametrize("model", ["../up", "a/b", "", ".hidden", "a\x00b", "a" * 200, "trailing. "])
def test_a_models_name_cannot_leave_its_directory(client: httpx.Client, model: str) -> None:
    """Names of models are letters, digits and a few signs."""
    answer = client.post("/v1/ml/anomaly/fit", json={"model": model, "data": rows(1).tolist()})
    assert answer.status_code == 422


def test_rows_of_objects_are_encoded_by_their_schema(client: httpx.Client) -> None:
    """Each kind of column becomes numbers; a category never seen makes a row odd, and a saved model remembers them."""
    schema = {"x": "numeric", "kind": "onehot", "place": "label", "state": "binary", "who": "frequency", "id": "hash"}
    data = [
        {"x": float(x), "kind": "ab"[n % 2], "place": "pq"[n % 3 == 0], "state": "on", "who": "me", "id": str(n)}
        for n, x in enumerate(rows(4)[:, 0])
    ]
    fitted = fit(client, "encoded", data=data, schema=schema)
    assert fitted["encoder"]["features"] == ["x", "kind=a", "kind=b", "place", "state", "who", "id"]
    client.post("/v1/ml/anomaly/load", json={"model": "encoded"})
    usual, odd = score(client, "encoded", [data[0], {**data[0], "place": "nowhere", "x": 90}])["data"]
    assert odd["score"] > usual["score"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": [{"x": 1.0}] * 30}, 400),
        ({"data": [{"x": "hot"}] * 30, "schema": {"x": "numeric"}}, 422),
        ({"data": [[1.0, 2.0]] * 29 + [[1.0]]}, 400),
        ({"data": [[1.0]] * 5}, 422),
        ({"data": [[None]] * 30}, 400),
        ({"data": [[1.0]] * 30, "backend": "magic"}, 400),
        ({"data": [[1.0]] * 30, "contamination": 0.6}, 422),
        ({"data": []}, 422),
    ],
)
def test_rows_that_make_no_model_are_refused(client: httpx.Client, body: dict[str, Any], status: int) -> None:
    """What cannot be fitted is refused with a reason."""
    answer = client.post("/v1/ml/anomaly/fit", json={"model": "refused", **body})
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_objects_are_refused_by_a_model_of_lists(client: httpx.Client) -> None:
    """A model that was fitted on lists has no encoder for objects."""
    fit(client, "lists")
    answer = client.post("/v1/ml/anomaly/score", json={"model": "lists", "data": [{"x": 1}]})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_api_is_served_and_its_server_named(client: httpx.Client, name: str) -> None:
    """By the algorithm of that name, suod by the ensemble, the uninstalled by the default; a gross row is found."""
    server = "ensemble" if name == "suod" else name
    if any(find_spec(package) is None for package in NEEDS.get(server, ())):
        server = "isolation_forest"
    fitted = fit(client, name, backend=name)
    assert (fitted["backend"], fitted["model_params"]["backend"]) == (name, server)
    listed = {one["backend"]: one for one in client.get("/v1/ml/anomaly/backends").json()["data"]}
    assert (f"served by {server}" in listed[name]["description"]) == (server != name)
    judged = score(client, name, [rows(1)[0].tolist(), [90.0, -90.0]], backend=name)["data"]
    assert [row["is_anomaly"] for row in judged] == [False, True]


def test_explanations_name_the_feature_that_is_out(client: httpx.Client) -> None:
    """The feature that is far from its usual value increases the score most; contributions sum up beside the base."""
    schema = {"a": "numeric", "b": "numeric"}
    data = [{"a": float(a), "b": float(b)} for a, b in rows(5)]
    fit(client, "why", data=data, schema=schema)
    row = score(client, "why", [{"a": 10.0, "b": 90.0}], explain=True)["data"][0]
    first, second = row["explanation"]["contributions"]
    assert (first["feature"], first["direction"], first["value"]) == ("b", "increases", 90.0)
    assert (second["feature"], second["direction"]) == ("a", "decreases")
    assert first["shap_value"] + second["shap_value"] < row["raw_score"]
    assert "b: 90" in row["explanation"]["summary"]
