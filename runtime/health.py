"""The health and metrics page of a service, and the question a container asks."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable

_CHECK_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Health:
    """How a service feels: `ready` to do its work, `alive` unless it must be started again; `details` say why."""

    ready: bool
    alive: bool = True
    details: dict[str, str] = field(default_factory=dict)


class HealthPage:
    """Serves `/livez`, `/readyz` and `/metrics` from a thread of its own.

    Args:
        host: address to listen on.
        port: port to listen on.
        health: asked at every request, from another thread than the service's.
        registry: the metrics to show.
    """

    def __init__(self, host: str, port: int, health: Callable[[], Health], registry: CollectorRegistry) -> None:
        self._address = (host, port)
        self._health = health
        self._registry = registry
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        self._server = ThreadingHTTPServer(self._address, self._handler())
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def stop(self) -> None:
        """Close the page."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._address[1] if self._server is None else int(self._server.server_address[1])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        health, registry = self._health, self._registry

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
                elif self.path in ("/livez", "/readyz"):
                    now = health()
                    good = now.alive if self.path == "/livez" else now.alive and now.ready
                    self._answer(200 if good else 503, "application/json", json.dumps(asdict(now)).encode())
                else:
                    self._answer(404, "text/plain", b"/livez /readyz /metrics\n")

            def _answer(self, status: int, content_type: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep the access log out of the service's log."""

        return Handler


def check(host: str, port: int) -> tuple[bool, str]:
    """Ask a running service whether it is ready; return that and its own words."""
    if port == 0:
        return False, "the health page is off: set TOCSIN_HEALTH_PORT"
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=_CHECK_TIMEOUT_S) as answer:
            return True, answer.read().decode()
    except urllib.error.HTTPError as error:
        return False, error.read().decode()
    except OSError as error:
        return False, f"nothing answers on {host}:{port} ({error})"
