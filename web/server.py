"""The web server in a thread of its own, on a socket that is bound before it starts."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn

from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

_START_S = 30.0
_STOP_S = 5.0
_MOST_CONNECTIONS = 2000
_log = get_logger("web")


class Server:
    """Serves an app until it is stopped.

    Args:
        app: what is served.
        host: address to listen on.
        port: port to listen on, 0 for any.
        before_end: called in the server's thread before it waits for open requests.
    """

    def __init__(self, app: FastAPI, host: str, port: int, before_end: Callable[[], None]) -> None:
        self.app = app
        self._host = host
        self._port = port
        self._before_end = before_end
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._started = threading.Event()
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="on",
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_graceful_shutdown=3,
                timeout_keep_alive=20,
            )
        )

    def start(self) -> None:
        """Listen, and serve in the background.

        Raises:
            OSError: the port is taken.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.create_server((self._host, self._port), family=family, backlog=512)
        self._thread = threading.Thread(target=self._run, name="web server", daemon=True)
        self._thread.start()
        self._started.wait(_START_S)

    def stop(self) -> None:
        """Let open requests end and close; may be called twice."""
        if self._thread is None:
            return
        self.call(self._end)
        self._thread.join(_STOP_S)
        self._thread = None
        if self._socket is not None:
            self._socket.close()

    @property
    def running(self) -> bool:
        """Tell whether it serves."""
        return self._thread is not None and self._thread.is_alive() and self._server.started

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port if self._socket is None else int(self._socket.getsockname()[1])

    def call(self, function: Callable[..., object], *arguments: Any) -> None:  # noqa: ANN401 - the function's own
        """Have a function called in the server's thread; nothing happens when that has ended."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(function, *arguments)

    def _end(self) -> None:
        self._before_end()
        self._server.should_exit = True

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:  # noqa: BLE001 - the thread's last line: health tells that it has ended
            _log.exception("the web server has ended")
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._started.set)
        await self._server.serve(sockets=[self._socket] if self._socket else None)
