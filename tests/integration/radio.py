"""A radio receiver that is none: an rtl_tcp server whose air holds a thermometer of the Nexus protocol at 433 MHz."""

from __future__ import annotations

import socket
import struct
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_RATE = 250_000  # samples a second
_CARRIER = bytes([250, 128])  # I and Q of one sample
_REPEATS = 12


def telegram(identity: int, channel: int, celsius: float, humidity: int) -> str:
    """Return the 36 bits that such a thermometer sends; its battery is good."""
    tenths = round(celsius * 10) & 0xFFF
    word = identity << 28 | 1 << 27 | channel - 1 << 24 | tenths << 12 | 0xF << 8 | humidity
    return f"{word:036b}"


def samples(bits: str) -> bytes:
    """Return what a receiver samples: pulses of 0.5 ms, then 1 ms of nothing for a zero and 2 ms for a one."""
    noise = Random(1)  # noqa: S311 - no secret
    air = bytearray(_silence(0.25, noise))
    for _ in range(_REPEATS):
        for bit in bits:
            air += _CARRIER * int(_RATE * 0.0005) + _silence(0.002 if bit == "1" else 0.001, noise)
        air += _CARRIER * int(_RATE * 0.0005) + _silence(0.004, noise)
    return bytes(air + _silence(0.25, noise))


def _silence(seconds: float, noise: Random) -> bytes:
    return bytes(128 + noise.choice((-1, 0, 0, 1)) for _ in range(2 * int(_RATE * seconds)))


class Radio:
    """Serves one receiver program, until it is closed; the same telegrams come again and again.

    Attributes:
        port: on which it waits.
    """

    def __init__(self, telegrams: list[str]) -> None:
        self._air = [samples(one) for one in telegrams]
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._closed = Event()
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._closed.set()
        self._server.close()
        self._thread.join(10)

    def _serve(self) -> None:
        self._server.settimeout(0.2)
        while not self._closed.is_set():
            try:
                listener, _ = self._server.accept()
                with listener:
                    listener.sendall(b"RTL0" + struct.pack(">II", 5, 29))
                    for air in self._on_air():
                        listener.sendall(air)
            except OSError:  # nobody there yet, or gone
                continue

    def _on_air(self) -> Iterator[bytes]:
        while True:
            for air in self._air:
                if self._closed.wait(0.3):
                    return
                yield air
