from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.web_site import NOW, score_of
from web.errors import UnknownDeviceError
from web.face import Face
from web.plant import Plant
from web.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Iterator

START = NOW.timestamp()
READINGS = {
    "rows": 2,
    "thinned": False,
    "metrics": ["t"],
    "times": [START, START + 1],
    "values": {"t": [1.0, None]},
    "score": [0.1, None],
    "alarm": [False, True],
    "expected": {"t": [1.5, 1.5]},
    "lower": {"t": [1.0, 1.0]},
    "upper": {"t": [2.0, 2.0]},
}
PLANE = {
    "metrics": ["t", "p"],
    "axes": [[1.0, 0.0], [0.0, 1.0]],
    "explained": [0.7, 0.3],
    "normal": [[0.0, 0.1], [0.2, 0.3]],
    "anomalous": [{"at": START, "x": 9.0, "y": 8.0, "score": 0.9}],
}


@pytest.fixture
def asked() -> list[str]:
    """The paths that were asked of the face."""
    return []


@pytest.fixture
def face(asked: list[str]) -> Iterator[str]:
    """A detector's HTTP face that knows one device."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer: Any = PLANE if "/projection" in self.path else READINGS
            known = self.path.startswith("/v1/devices/hall%2F1/")
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answer if known else {"detail": "no device"}).encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def plant() -> Plant:
    made = Plant(1000)
    for device in ("hall/1", "other"):
        for second in range(20):
            made.take_score(score_of(device, second, t=float(second), p=5.0 - second))
    return made


def window(recent: Recent, device: str) -> Any:
    return asyncio.run(recent.window(device, START, START + 100, 50))


def test_older_readings_come_from_the_detector(face: str, asked: list[str]) -> None:
    """What the detector keeps is asked for with the span, and passed on with what it found abnormal."""
    found = window(Recent(plant(), Face(face)), "hall/1")
    assert (found.source, found.total, found.alarm) == ("detector", 2, [False, True])
    assert found.metrics["t"].values == [1.0, None]
    assert "since=2026-11-22T12%3A00%3A00Z" in asked[0]


def test_a_device_that_the_detector_does_not_know_is_shown_from_the_ring(face: str) -> None:
    """The page's own scores stand in, and an unknown device is unknown."""
    recent = Recent(plant(), Face(face))
    assert window(recent, "other").source == "page"
    with pytest.raises(UnknownDeviceError):
        window(recent, "nobody")


def test_a_face_that_does_not_answer_is_left_alone_for_a_while() -> None:
    """One failure costs the patience once, not at every chart."""
    face = Face("http://127.0.0.1:9")
    recent = Recent(plant(), face)
    assert window(recent, "hall/1").source == "page"
    assert face._rests_until > 0
    assert asyncio.run(face.readings("hall/1", "", "", 5)) is None


def test_the_plane_is_the_detectors_own_where_it_has_one(face: str) -> None:
    """Reference rows are normal, alarms anomalous; else the page lays out its own scores."""
    recent = Recent(plant(), Face(face))
    found = asyncio.run(recent.projection("hall/1", []))
    assert found.anomalous == [False, False, True]
    assert found.loadings == {"t": [1.0, 0.0], "p": [0.0, 1.0]}
    own = asyncio.run(recent.projection("other", [(START + 18, START + 30)]))
    assert own.anomalous == [False] * 18 + [True] * 2
    assert own.explained[0] == pytest.approx(1.0)
