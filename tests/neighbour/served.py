"""The HTTP face in a thread of the tests, on a port of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from detector.http.bootstrap import build
from detector.settings import DetectorSettings
from tests.plant import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def served(directory: Path, **settings: Any) -> Iterator[str]:
    """Serve over the files of a directory; yield the base URL."""
    chosen = DetectorSettings(state_dir=directory, **settings)
    server = uvicorn.Server(uvicorn.Config(build(chosen), log_config=None, access_log=False, ws="none"))
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        wait_for(lambda: server.started, 60, "the server listens")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
