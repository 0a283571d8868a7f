"""What the detector keeps of its devices, as its HTTP face shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codec import encode
from contracts.reading import Reading
from detector.http.chart import chart
from detector.http.lone_rows import LoneFit, fit_lone_rows
from detector.http.projection import projection
from detector.store.bands import Band
from detector.store.recent_readings import RecentReading
from tests.neighbour.served import served
from tests.unit.detector.rig import TOPICS, Rig

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NAME = "hall 1/press"
VALUES = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=200)


def recent(number: int, value: float | None, *, alarm: bool = False, band: Band | None = None) -> RecentReading:
    return RecentReading(number, BEGIN + timedelta(seconds=number), {"x": value}, 0.1, None, alarm, band)


@given(VALUES, st.integers(2, 50))
def test_a_thinned_chart_keeps_every_extreme(values: list[float | None], points: int) -> None:
    """However few points there are, the lowest and the highest value are among them, and all columns are as long."""
    drawn = chart([recent(n, value) for n, value in enumerate(values)], points)
    known = [value for value in values if value is not None]
    shown = [value for value in drawn["values"]["x"] if value is not None]
    assert (min(shown, default=None), max(shown, default=None)) == (min(known, default=None), max(known, default=None))
    lengths = {len(drawn[c]) for c in ("times", "score", "alarm")} | {
        len(drawn["lower"]["x"]),
        len(drawn["values"]["x"]),
    }
    assert lengths == {len(drawn["times"])}
    assert len(drawn["times"]) <= points
    assert drawn["times"] == sorted(drawn["times"])


def test_a_chart_shows_the_band_of_its_time_and_every_alarm() -> None:
    """A band holds until the next one; an alarm among many readings is not thinned away."""
    early, late = Band({"x": 1.0}, {"x": 0.0}, {"x": 2.0}), Band({"x": 5.0}, {"x": 4.0}, {"x": 6.0})
    rows = [recent(n, 1.0, alarm=n == 77, band={10: early, 60: late}.get(n)) for n in range(100)]
    exact = chart(rows, 100)
    assert exact["expected"]["x"] == [1.0] * 60 + [5.0] * 40
    assert not exact["thinned"]
    thinned = chart(rows, 10)
    assert thinned["alarm"].count(True) == 2
    assert thinned["upper"]["x"] == [2.0] * 6 + [6.0] * 4


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a detector that has learned one device and seen it fail."""
    directory = tmp_path_factory.mktemp("kept")
    rig = Rig(directory, warm_up=60)
    rig.start()
    random = np.random.default_rng(1)
    for number in range(100):
        values = dict(zip("ab", random.normal([20.0, 5.0], [1.0, 0.1]).tolist(), strict=True))
        if number == 95:
            values["a"] = 80.0
        at = BEGIN + timedelta(seconds=number)
        reading = Reading(device=NAME, values=dict(values), measured_at=at, clock="replay")
        rig.broker.publish(TOPICS.readings(NAME), encode(reading))
    rig.drain()
    rig.service.stop()
    return directory


def test_readings_models_and_the_view_of_a_device(plant: Path) -> None:
    """A device is listed with its model; its readings come with band and alarm, its rows in two dimensions."""
    path = f"/v1/devices/{NAME.replace('/', '%2F')}"
    with served(plant) as base, httpx.Client(base_url=base, timeout=60) as client:
        listed = client.get("/v1/devices").json()["data"]
        assert [(d["device"], d["readings"], d["model_version"]) for d in listed] == [(NAME, 100, 1)]
        readings = client.get(f"{path}/readings").json()
        assert (readings["rows"], readings["metrics"], readings["alarm"][95]) == (100, ["a", "b"], True)
        assert readings["values"]["a"][95] == 80.0
        assert readings["lower"]["a"][-1] < 20.0 < readings["upper"]["a"][-1]
        since = (BEGIN + timedelta(seconds=90)).isoformat()
        assert client.get(f"{path}/readings", params={"since": since, "until": since}).json()["rows"] == 0
        assert client.get(f"{path}/readings", params={"since": since}).json()["rows"] == 10
        models = client.get(f"{path}/models").json()["models"]
        assert [(m["version"], m["active"], m["metrics"], m["reason"]) for m in models] == [(1, True, 2, "first")]
        view = client.get(f"{path}/projection").json()
        assert view["anomalous"][0]["score"] > 0.5
        distance = max(abs(view["anomalous"][0][axis]) for axis in "xy")
        assert distance > max(abs(number) for point in view["normal"] for number in point)
        for route in ("readings", "models", "projection"):
            assert client.get(f"/v1/devices/nobody/{route}").status_code == 404
        assert client.get(f"{path}/readings", params={"since": "2026-01-01T00:00:00"}).status_code == 422


def test_a_view_of_a_single_metric_lies_on_one_axis() -> None:
    """A device with one metric has one direction, and a flat second one."""
    rng = np.random.default_rng(2)
    model, _ = fit_lone_rows(LoneFit("one", "isolation_forest", ("x",), rng.normal(size=(60, 1))))
    view = projection(model, [recent(1, 9.0, alarm=True)])
    assert view["explained"] == [1.0, 0.0]
    assert {point[1] for point in view["normal"]} == {0.0}
    assert abs(view["anomalous"][0]["x"]) > 4.0


def test_there_are_no_devices_before_the_detector_has_run(client: httpx.Client) -> None:
    """Where there is no state yet the list is empty."""
    assert client.get("/v1/devices").json() == {"data": [], "total": 0}
    assert client.get("/v1/devices/press/readings").status_code == 404


def test_a_state_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A damaged state file makes an answer that says so."""
    (tmp_path / "state.db").write_bytes(b"no database" * 1000)
    with served(tmp_path) as base:
        answer = httpx.get(f"{base}/v1/devices")
    assert answer.status_code == 503
    assert "state" in answer.json()["detail"]
