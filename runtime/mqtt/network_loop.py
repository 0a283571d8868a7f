"""The thread that reads and writes a client's socket, in batches: one wake-up for many messages."""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.mqtt.buffered_socket import BufferedSocket

_TURN_S = 1.0
_READS_A_TURN = 200
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 10.0  # a broker that just came back still reads its sessions


class NetworkClient(Protocol):
    """What the loop needs of a client library."""

    def socket(self) -> Any:  # noqa: ANN401 - the library knows of plain and TLS sockets only
        """Return the open BufferedSocket, or None."""

    def loop_read(self) -> Any:  # noqa: ANN401 - the library's code
        """Read a packet and call back."""

    def loop_write(self) -> Any:  # noqa: ANN401
        """Write all that waits."""

    def loop_misc(self) -> Any:  # noqa: ANN401
        """Look after pings."""

    def want_write(self) -> bool:
        """Tell whether something waits to be written."""


class NetworkLoop:
    """Drives one client until it is stopped, and connects it again when the connection is lost, with jitter.

    Args:
        client: whose socket it is.
        connect: opens the connection; raises OSError when nobody answers.
        received: count of messages so far; tells whether a read brought one.
        before_write: called in this thread before it writes, to hand over what was collected.
        on_failure: told why a connection could not be opened.
    """

    def __init__(
        self,
        client: NetworkClient,
        *,
        connect: Callable[[], None],
        received: Callable[[], int],
        before_write: Callable[[], None],
        on_failure: Callable[[OSError], None],
    ) -> None:
        self._client = client
        self._connect = connect
        self._received = received
        self._before_write = before_write
        self._on_failure = on_failure
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._reader, self._writer = socket.socketpair()
        self._awake = False
        self._failures = 0
        self._jitter = random.Random()  # noqa: S311 - so that clients do not come in step; no secret

    def start(self, name: str) -> None:
        """Start the thread."""
        self._reader.settimeout(0)
        self._writer.settimeout(0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Let the thread write what waits, and wait for its end."""
        self._stopping.set()
        self.wake()
        if self._thread is not None:
            self._thread.join(timeout)

    def wake(self) -> None:
        """Make the thread look at once; from any thread."""
        if self._awake:  # it has not yet begun to look: it will see what was done before this call
            return
        self._awake = True
        try:
            self._writer.send(b"0")
        except (BlockingIOError, OSError):
            return  # it is awake already, or gone

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._client.socket() is None:
                self._try_to_connect()
            else:
                self._turn()
        if self._client.socket() is not None:
            self._write()
        self._reader.close()
        self._writer.close()

    def _try_to_connect(self) -> None:
        if self._failures:
            self._pause()
        self._failures += 1
        if self._stopping.is_set():
            return
        try:
            self._connect()
        except OSError as error:
            self._on_failure(error)

    def _pause(self) -> None:
        longest = min(_FIRST_WAIT_S * 2.0 ** min(self._failures - 1, 8), _LONGEST_WAIT_S)
        self._stopping.wait(self._jitter.uniform(longest / 2, longest))

    def connected(self) -> None:
        """Note a connection that the broker has accepted: after the next loss the waits begin small again."""
        self._failures = 1

    def _turn(self) -> None:
        self._write()
        sock = self._client.socket()
        if sock is None:
            return
        writers = [sock] if sock.unsent or self._client.want_write() else []
        timeout = 0.0 if sock.pending() else _TURN_S
        try:
            readable, writable, _ = select.select([sock, self._reader], writers, [], timeout)
        except (OSError, ValueError):  # the socket was closed under us: the next turn connects
            time.sleep(0.01)
            return
        if self._reader in readable:
            self._clear_wakes()
        self._awake = False
        if sock in readable or timeout == 0.0:
            self._read(sock)
        if writable:
            sock.flush()
        self._client.loop_misc()

    def _read(self, sock: BufferedSocket) -> None:
        """Read until no message comes any more, but let the others have their turn."""
        for _ in range(_READS_A_TURN):
            before = self._received()
            self._client.loop_read()
            if self._client.socket() is not sock or (self._received() == before and not sock.pending()):
                return

    def _write(self) -> None:
        """Write what was handed over, in as few calls as it takes."""
        self._before_write()
        sock = self._client.socket()
        if sock is not None and self._client.want_write():
            self._client.loop_write()
            sock.flush()

    def _clear_wakes(self) -> None:
        try:
            while len(self._reader.recv(4096)) == 4096:  # noqa: PLR2004 - there may be more
                continue
        except BlockingIOError:
            return
