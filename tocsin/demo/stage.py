"""The demo's processes: started in their order, watched, stopped in theirs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tocsin.broker.local_broker import LocalBroker, find_broker, free_port
from tocsin.demo import local_llm
from tocsin.demo.child import Child, Part
from tocsin.demo.environments import Environments
from tocsin.demo.ports import broker_port, web_port
from tocsin.demo.service_settings import check_settings
from tocsin.demo.warden import Warden

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tocsin.demo.folder import DemoFolder
    from tocsin.demo.wish import Wish
    from tocsin.stop_signals import Stop

_BEFORE_PRODUCER = ("detector", "explainer", "web")
_STOP_ORDER = ("producer", "detector", "explainer", "web", "llm")
_READY_TIMEOUT_S = 120.0  # the first start on a slow machine compiles
_STOP_TIMEOUT_S = 20.0
_TURN_S = 0.1


class StartError(Exception):
    """A service did not start, or ended by itself; `child` is the one."""

    def __init__(self, child: Child, problem: str) -> None:
        super().__init__(problem)
        self.child = child


class Stage:
    """Broker, detector, explainer, page and producer on this machine.

    Args:
        folder: where their files go.
        wish: what the caller wants.
        environ: the caller's environment.

    Raises:
        BrokerError: no such broker is installed.
    """

    def __init__(self, folder: DemoFolder, wish: Wish, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._wish = wish
        self._warden = Warden()
        self.broker = LocalBroker(folder.broker, broker_port(wish.port), find_broker(wish.broker))
        self._environments = Environments(
            caller=environ,
            folder=folder,
            broker=self.broker,
            scenario=wish.scenario,
            web_port=web_port(environ),
            http_port=free_port(),
            llm_port=free_port() if wish.local_llm else 0,
        )
        self.children: dict[str, Child] = {}
        self._pids: dict[str, int] = {}

    @property
    def page(self) -> str:
        """Where the live page is."""
        return f"http://127.0.0.1:{self._environments.web_port}"

    @property
    def before_producer(self) -> tuple[str, ...]:
        """The services that must be ready before readings come."""
        return (*(("llm",) if self._wish.local_llm else ()), *_BEFORE_PRODUCER)

    def look_ahead(self) -> None:
        """See that everything can start, before anything is changed.

        Raises:
            BrokerError: another program has the port.
            SettingsError: a setting of a service is wrong; all of them are named.
        """
        self.broker.check_port()
        check_settings({name: self._environments.of(name, 0) for name in (*self.before_producer, "producer")})

    def start_broker(self) -> None:
        """Start the broker, and the process that ends everything should this one be killed.

        Raises:
            BrokerError: there is no broker, or it does not start.
        """
        self._warden.start()
        self.broker.start()
        self._pids["broker"] = self.broker.pid
        self._warden.watch(self.broker.pid)

    def start(self, *names: str) -> None:
        """Start services."""
        for name in names:
            port = free_port()
            module = local_llm.MODULE if name == "llm" else None
            child = Child(Part(name, self._environments.of(name, port), port, module), self._folder.log(name))
            self._pids[name] = child.start()
            self.children[name] = child
            self._warden.watch(self._pids[name])

    def wait_ready(self, stop: Stop, say: Callable[[str], None]) -> None:
        """Wait until every service that was started is ready, or the caller wants to stop.

        Raises:
            StartError: one ended, or is not ready in time.
        """
        give_up = time.monotonic() + _READY_TIMEOUT_S
        while not stop.asked:
            self.check()
            waiting = [child for child in self.children.values() if not child.is_ready()]
            if not waiting:
                return
            if time.monotonic() > give_up:
                raise StartError(waiting[0], f"is not ready after {_READY_TIMEOUT_S:.0f} s")
            say(f"starting {', '.join(child.name for child in waiting)}")
            time.sleep(_TURN_S)

    def check(self) -> None:
        """See that all live.

        Raises:
            StartError: a service ended by itself.
        """
        for child in self.children.values():
            code = child.exit_code()
            if code is not None:
                raise StartError(child, f"ended by itself with {_code_words(code)}")

    def stop(self, stop: Stop, say: Callable[[str], None]) -> list[str]:
        """Stop everything in order, the broker last; return the services that had to be killed."""
        killed = []
        for name in _STOP_ORDER:
            if name in self.children:
                say(f"stopping {name}")
                killed += [] if self._ended(self.children[name], stop) else [name]
                self._warden.forget(self._pids[name])
        say("stopping the broker")
        self.broker.stop()
        if "broker" in self._pids:
            self._warden.forget(self._pids["broker"])
        self._warden.stop()
        return killed

    def _ended(self, child: Child, stop: Stop) -> bool:
        already = stop.times
        child.ask_to_stop()
        give_up = time.monotonic() + _STOP_TIMEOUT_S
        while not child.has_stopped(_TURN_S):
            if time.monotonic() > give_up or stop.times > max(already, 1):
                child.kill()
                return False
        return True


def _code_words(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
