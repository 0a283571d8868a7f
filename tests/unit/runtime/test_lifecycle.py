"""How a service lives: started, turned, asked, stopped."""

from __future__ import annotations

import gc
import json
import os
import signal
import threading
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from runtime.health import Health, HealthPage, check
from runtime.lifecycle import Service, run_service, service_main
from runtime.logs import configure_logs
from runtime.settings import ServiceSettings


class Recorder(Service):
    """A service that notes what happens to it."""

    name = "recorder"

    def __init__(self, fail_in: str = "", turns: int = 3) -> None:
        self.registry = CollectorRegistry()
        self.calls: list[str] = []
        self._fail_in = fail_in
        self._turns = turns

    def start(self) -> None:
        self._note("start")

    def step(self) -> None:
        self._note("step")

    def stop(self) -> None:
        self._note("stop")

    def health(self) -> Health:
        return Health(ready=True)

    def finished(self) -> bool:
        return self.calls.count("step") >= self._turns

    def _note(self, what: str) -> None:
        self.calls.append(what)
        if what == self._fail_in:
            raise RuntimeError(what)


def test_a_service_is_started_turned_and_stopped() -> None:
    """A service that finishes ends with exit code 0."""
    service = Recorder()
    assert run_service(service, ServiceSettings()) == 0
    assert service.calls == ["start", "step", "step", "step", "stop"]


def test_what_a_start_made_is_no_garbage() -> None:
    """No look for garbage interrupts a start, later ones leave out what it made; in the end all is as before."""
    seen: dict[str, tuple[bool, bool]] = {}

    class Looking(Recorder):
        def _note(self, what: str) -> None:
            seen.setdefault(what, (gc.isenabled(), gc.get_freeze_count() > before))
            super()._note(what)

    before = gc.get_freeze_count()
    assert run_service(Looking(), ServiceSettings()) == 0
    assert seen["start"] == (False, False)
    assert seen["step"] == (True, True)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize("where", ["start", "step"])
def test_an_error_ends_the_service_after_its_stop(where: str) -> None:
    """An error anywhere still stops the service, and the exit code says it."""
    service = Recorder(fail_in=where)
    assert run_service(service, ServiceSettings()) == 1
    assert service.calls[-1] == "stop"


@pytest.mark.parametrize(
    ("where", "wrapped", "words"),
    [("start", False, "cannot start"), ("start", True, "cannot start"), ("step", False, "stopped by an error")],
)
def test_what_stands_in_the_way_of_a_start_is_said_without_a_traceback(
    capsys: pytest.CaptureFixture[str], where: str, words: str, *, wrapped: bool
) -> None:
    """A port that is taken is no fault of the program: its words are enough."""

    class Blocked(Recorder):
        def _note(self, what: str) -> None:
            if what == where:
                taken = OSError("Address already in use")
                if wrapped:
                    raise RuntimeError(str(taken)) from taken
                raise taken

    configure_logs("info", "json")
    assert run_service(Blocked(), ServiceSettings()) == 1
    said = "".join(capsys.readouterr())
    assert words in said
    assert "Address already in use" in said
    assert ("Traceback" in said) == (where == "step")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_both_signals_take_the_one_stop_path(number: signal.Signals) -> None:
    """SIGTERM and SIGINT end the loop, and the earlier handlers are back afterwards."""
    before = signal.getsignal(number)
    service = Recorder(turns=10**9)
    threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
    assert run_service(service, ServiceSettings()) == 0
    assert service.calls[-1] == "stop"
    assert signal.getsignal(number) == before


def test_the_page_tells_health_and_metrics() -> None:
    """Liveness, readiness and metrics answer over HTTP, and `--check` asks the same page."""
    state = {"ready": False}
    asked = lambda: Health(ready=state["ready"], details={"broker": "gone"})  # noqa: E731
    page = HealthPage("127.0.0.1", 0, asked, CollectorRegistry())
    page.start()
    base = f"http://127.0.0.1:{page.port}"
    try:
        with urllib.request.urlopen(base + "/livez") as answer:
            assert json.load(answer)["alive"] is True
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(base + "/readyz")
        ready, words = check("127.0.0.1", page.port)
        assert not ready
        assert "gone" in words
        state["ready"] = True
        assert check("127.0.0.1", page.port)[0]
        with urllib.request.urlopen(base + "/metrics") as answer:
            assert answer.status == 200
    finally:
        page.stop()
    assert check("127.0.0.1", page.port)[0] is False


def test_wrong_settings_end_with_their_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service with wrong settings says which and does not start."""
    monkeypatch.setenv("TOCSIN_BROKER_PORT", "none")
    assert service_main("recorder", ServiceSettings, lambda _: Recorder(), []) == 2
    assert "TOCSIN_BROKER_PORT = 'none'" in capsys.readouterr().err


def test_help_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` lists the settings."""
    with pytest.raises(SystemExit) as caught:
        service_main("recorder", ServiceSettings, lambda _: Recorder(), ["--help"])
    assert caught.value.code == 0
    assert "TOCSIN_BROKER_HOST" in capsys.readouterr().out
