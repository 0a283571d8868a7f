"""A socket that reads much at once and sends together what was written: few calls of the system for many messages.

Python's threads pass the interpreter on at every such call. A client library that reads a message in three calls would
wait three times for its turn while another thread computes.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

_AT_ONCE = 65_536
_MOST_UNSENT = 4 * _AT_ONCE
_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class BufferedSocket:
    """What a client library needs of a socket; for one thread, but for `close`.

    Args:
        sock: a connected socket, plain or TLS.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._read = b""
        self._at = 0
        self._unsent = bytearray()
        self._broken: OSError | None = None

    def fileno(self) -> int:
        """Name the descriptor, for select."""
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the signature of a socket
        """Let calls wait or not."""
        self._sock.setblocking(flag)

    def pending(self) -> int:
        """Count the bytes that `recv` gives without asking the system; 1 when it has an error to raise."""
        in_tls = self._sock.pending() if isinstance(self._sock, ssl.SSLSocket) else 0
        return len(self._read) - self._at + in_tls + (self._broken is not None)

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes; b"" at the end.

        Raises:
            BlockingIOError, ssl.SSLWantReadError: nothing is there now.
            OSError: the connection is broken, as `flush` may have noticed.
        """
        if self._at >= len(self._read):
            if self._broken is not None:
                raise self._broken
            self._read, self._at = self._sock.recv(_AT_ONCE), 0
        begin = self._at
        self._at = min(begin + size, len(self._read))
        return self._read[begin : self._at]

    def send(self, content: bytes | bytearray) -> int:
        """Take bytes for the next `flush`; return how many.

        Raises:
            BlockingIOError: too many are waiting already.
        """
        if len(self._unsent) >= _MOST_UNSENT:
            raise BlockingIOError
        self._unsent += content
        return len(content)

    @property
    def unsent(self) -> bool:
        """Tell whether something waits to be sent."""
        return bool(self._unsent) and self._broken is None

    def flush(self) -> None:
        """Send what the system takes now; an error is raised by the next `recv`."""
        try:
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]
        except _LATER:
            return
        except OSError as error:
            self._broken = error

    def close(self) -> None:
        """Send the rest, as far as the system takes it, and close."""
        if self._broken is None and self._sock.fileno() >= 0:
            self.flush()
        self._sock.close()
