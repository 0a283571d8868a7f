"""Serves the application on its ports; also as a process that the detector starts."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from detector.http.bootstrap import build, is_loopback
from runtime.logs import configure_logs, get_logger

if TYPE_CHECKING:
    from detector.settings import DetectorSettings

_LAST_REQUESTS_S = 3
_CONNECTIONS = 1000
_log = get_logger("detector.http")


def serve(settings: DetectorSettings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code: 1 where a port is taken or none is set."""
    if not settings.http_ports:
        _log.error("no port to serve: set TOCSIN_HTTP_PORTS, for example to 8000,14345")
        return 1
    try:
        sockets = [_listening(settings.http_host, port) for port in settings.http_ports]
    except OSError as error:
        _log.error("cannot listen", host=settings.http_host, ports=settings.http_ports, reason=str(error))
        return 1
    if settings.http_token is None and not settings.http_names and not is_loopback(settings.http_host):
        _log.warning("anybody who reaches this port may use it: set TOCSIN_HTTP_TOKEN", host=settings.http_host)
    server = uvicorn.Server(
        uvicorn.Config(
            build(settings),
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_LAST_REQUESTS_S,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn ends at them, and raises them again when it has ended
        signal.signal(number, _nothing)
    _log.info("serving", host=settings.http_host, ports=list(settings.http_ports))
    server.run(sockets)
    return 0


def serve_for_detector(settings: DetectorSettings) -> None:
    """Serve as a child of the detector; end with it, however it ends."""
    configure_logs(settings.log_level, settings.log_format)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    raise SystemExit(serve(settings))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _nothing(*_: object) -> None:
    """Let what comes after the server be done."""


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off only where the protocol is named; with it each answer takes 40 ms
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host.strip("[]"), port))
    return listening
