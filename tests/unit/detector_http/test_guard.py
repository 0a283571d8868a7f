"""Who may ask, and how much may be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from detector.http.bootstrap import is_loopback, rules_of
from detector.http.child import HttpChild
from detector.settings import DetectorSettings
from runtime.settings import SettingsError, load_settings
from tests.neighbour.served import served
from tests.plant import wait_for
from tocsin.broker.local_broker import free_port

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "a long enough token"  # noqa: S105 - of this test


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:14345"])
def test_the_server_answers_to_this_machines_names(client: httpx.Client, host: str) -> None:
    """A server bound to loopback is called localhost."""
    assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8000", ""])
def test_another_name_is_refused(client: httpx.Client, host: str) -> None:
    """A page whose own name was pointed at this machine may not ask."""
    assert client.get("/v1/ml/anomaly/models", headers={"host": host}).status_code == 400


def test_a_server_for_others_may_be_called_by_the_names_it_has(tmp_path: Path) -> None:
    """Bound elsewhere it answers to any name, or to those that were set."""
    assert rules_of(DetectorSettings(http_host="192.0.2.1")).names is None
    with served(tmp_path, http_names="detector,plant.example") as base:
        for name, status in (("plant.example:8000", 200), ("detector", 200), ("evil.example", 400)):
            assert httpx.get(f"{base}/health", headers={"host": name}).status_code == status


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_that_is_too_large_is_refused(tmp_path: Path, *, chunked: bool) -> None:
    """Whether or not its length was named."""
    body = b'{"data": [' + b" " * (1 << 20) + b"]}"
    with served(tmp_path, http_max_mebibytes=1) as base:
        content: Any = iter([body[:1000], body[1000:]]) if chunked else body
        answer = httpx.post(f"{base}/v1/ml/anomaly/fit", content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 413
        assert httpx.post(f"{base}/v1/ml/anomaly/fit", json={"data": [[1]]}).status_code == 422


def test_a_token_is_asked_for_where_one_is_set(tmp_path: Path) -> None:
    """Without it only the health page answers."""
    with served(tmp_path, http_token=TOKEN) as base, httpx.Client(base_url=base) as client:
        assert client.get("/health").status_code == 200
        assert client.get("/v1/ml/anomaly/models").status_code == 401
        assert client.get("/v1/ml/anomaly/models", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/v1/ml/anomaly/models", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_wrong_method_is_told_all_right_ones(client: httpx.Client) -> None:
    """The answer's `Allow` names every method that the path takes."""
    answer = client.put("/v1/ml/polars/buffers/x")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET")


def test_only_loopback_addresses_are_loopback() -> None:
    """An address of the network is not."""
    assert [is_loopback(host) for host in ("localhost", "127.0.0.5", "::1", "[::1]")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.2", "myhost")] == [False] * 4  # noqa: S104


@pytest.mark.parametrize("ports", ["8000,8000", "eight", "0", "99999"])
def test_wrong_ports_are_named(monkeypatch: pytest.MonkeyPatch, ports: str) -> None:
    """An error names the setting and its value."""
    monkeypatch.setenv("TOCSIN_HTTP_PORTS", ports)
    with pytest.raises(SettingsError, match=r"(?i)http_ports"):
        load_settings(DetectorSettings)


def test_several_ports_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports are a list with commas; none means off."""
    assert load_settings(DetectorSettings).http_ports == ()
    monkeypatch.setenv("TOCSIN_HTTP_PORTS", "8000, 14345")
    assert load_settings(DetectorSettings).http_ports == (8000, 14345)


@pytest.mark.slow
def test_the_process_is_started_again_when_it_dies_and_ends_with_stop(tmp_path: Path) -> None:
    """A killed HTTP process comes back on all its ports; after `stop` nothing answers."""
    ports = (free_port(), free_port())
    child = HttpChild(DetectorSettings(state_dir=tmp_path, http_ports=ports))
    child.start()
    try:
        wait_for(lambda: all(_turned(child, port) for port in ports), 120, "both ports answer")
        process = child._process
        assert process is not None
        process.kill()
        process.join()
        wait_for(lambda: _turned(child, ports[0]), 120, "the port answers again")
    finally:
        child.stop()
        child.stop()
    assert not _answers(ports[0])


def _turned(child: HttpChild, port: int) -> bool:
    child.watch()
    return _answers(port)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
