"""Buffers and their features."""

from __future__ import annotations

from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.http.buffers import Buffer, Buffers
from detector.http.errors import RequestError
from detector.http.rolling import with_features

if TYPE_CHECKING:
    import httpx

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)
CELLS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)


@given(NUMBERS, st.integers(1, 8))
def test_rolling_features_are_those_of_the_last_values(values: list[float], window: int) -> None:
    """Each row's statistics are those of its window, which is shorter at the start; one value deviates by 0."""
    frame = with_features(pl.DataFrame({"x": values}), [window], ["mean", "std", "min", "max"], [1])
    for row, found in enumerate(frame.to_dicts()):
        last = values[max(row - window + 1, 0) : row + 1]
        assert found[f"x_rolling_mean_{window}"] == pytest.approx(fmean(last), abs=1e-4)
        assert found[f"x_rolling_std_{window}"] == pytest.approx(stdev(last) if len(last) > 1 else 0.0, abs=1e-1)
        assert (found[f"x_rolling_min_{window}"], found[f"x_rolling_max_{window}"]) == (min(last), max(last))
        assert found["x_lag_1"] == (values[row - 1] if row else None)


@given(st.lists(st.dictionaries(st.text(min_size=1, max_size=3), CELLS, min_size=1, max_size=4), max_size=30))
def test_any_records_can_be_appended_and_read_back(records: list[dict[str, Any]]) -> None:
    """Whatever cells come together in a column, the newest records are there and features can be made of them."""
    buffer = Buffer("any", 10)
    if records:
        assert buffer.append(records) == min(len(records), 10)
    frame = buffer.frame()
    assert frame.height in {min(len(records), 10), 0}
    assert with_features(frame, [3], ["mean", "std"], [2]).height == frame.height
    assert buffer.stats()["size"] == frame.height


@pytest.mark.parametrize("name", ["*", "^a$", "^.*$"])
def test_a_column_named_like_a_pattern_is_a_column(name: str) -> None:
    """Only the column itself gets features, whatever its name would select."""
    frame = pl.DataFrame({name: [1.0, 3.0], "a": [0.0, 0.0]})
    assert with_features(frame, [2], ["mean"], [1])[f"{name}_rolling_mean_2"].to_list() == [1.0, 2.0]


def test_a_buffer_keeps_the_newest_records() -> None:
    """Older records give way; a column that is in none of them any more is gone."""
    buffer = Buffer("small", 10)
    buffer.append([{"old": 1.0}])
    buffer.append([{"x": float(n)} for n in range(10)])
    assert buffer.frame().columns == ["x"]
    assert buffer.frame()["x"].to_list() == [float(n) for n in range(10)]
    assert buffer.append_count == 11


def test_too_many_buffers_or_columns_are_refused() -> None:
    """What is held is bounded."""
    buffers = Buffers(2)
    for name in ("a", "b"):
        buffers.create(name, 10)
    with pytest.raises(RequestError, match="2 buffers"):
        buffers.create("c", 10)
    with pytest.raises(RequestError, match="columns"):
        buffers.get("a").append([{f"c{n}": 1.0} for n in range(501)])
    wide = pl.DataFrame({f"c{n}": [1.0] * 1000 for n in range(100)})
    with pytest.raises(RequestError, match="cells"):
        with_features(wide, list(range(1, 21)), ["mean", "std", "min", "max"], list(range(1, 21)))


def test_a_buffer_exists_once(client: httpx.Client) -> None:
    """A second buffer of the same name is a conflict; what is not there is not found."""
    body = {"buffer_id": "once"}
    assert client.post("/v1/ml/polars/buffers", json=body).status_code == 200
    assert client.post("/v1/ml/polars/buffers", json=body).status_code == 409
    assert client.delete("/v1/ml/polars/buffers/once").json() == {"deleted": True, "buffer_id": "once"}
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/clear"), ("GET", "/data")):
        assert client.request(method, f"/v1/ml/polars/buffers/once{path}").status_code == 404
    for path, more in (("append", {"data": {"x": 1}}), ("features", {})):
        assert client.post(f"/v1/ml/polars/{path}", json={**body, **more}).status_code == 404


def test_data_come_with_features_if_asked(client: httpx.Client) -> None:
    """`with_features` adds the default ones; `tail` cuts after they are made."""
    client.post("/v1/ml/polars/buffers", json={"buffer_id": "tail"})
    rows = [{"at": f"t{n}", "x": n} for n in range(30)]
    client.post("/v1/ml/polars/append", json={"buffer_id": "tail", "data": rows})
    table = client.get("/v1/ml/polars/buffers/tail/data", params={"tail": 2, "with_features": True}).json()
    assert table["rows"] == 2
    assert table["columns"][:2] == ["at", "x"]
    assert table["data"][1]["x_rolling_mean_20"] == fmean(range(10, 30))
    assert table["data"][1]["x_lag_3"] == 26
    assert client.post("/v1/ml/polars/buffers/tail/clear").json()["size"] == 0
    assert client.get("/v1/ml/polars/buffers/tail/data").json()["data"] == []
    client.delete("/v1/ml/polars/buffers/tail")
