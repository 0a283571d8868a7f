"""Many messages in few calls of the system."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from runtime.mqtt.buffered_socket import BufferedSocket

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[BufferedSocket, socket.socket]]:
    """Return a buffered socket and the plain one at its other end."""
    near, far = socket.socketpair()
    near.settimeout(0)
    far.settimeout(10)
    buffered = BufferedSocket(near)
    yield buffered, far
    buffered.close()
    far.close()


def test_what_came_together_is_given_in_parts_and_counted(ends: tuple[BufferedSocket, socket.socket]) -> None:
    """Small reads are answered from one large one, and `pending` tells what is left of it."""
    buffered, far = ends
    far.sendall(b"one two")
    assert buffered.recv(3) == b"one"
    assert buffered.pending() == 4
    assert buffered.recv(100) == b" two"
    assert buffered.pending() == 0
    with pytest.raises(BlockingIOError):
        buffered.recv(1)


def test_what_was_written_leaves_together(ends: tuple[BufferedSocket, socket.socket]) -> None:
    """Nothing is sent before `flush`, and then all of it."""
    buffered, far = ends
    far.settimeout(0)
    assert buffered.send(b"one ") == 4
    assert buffered.send(bytearray(b"two")) == 3
    assert buffered.unsent
    with pytest.raises(BlockingIOError):
        far.recv(100)
    buffered.flush()
    assert not buffered.unsent
    assert far.recv(100) == b"one two"


def test_a_slow_reader_stops_the_writer_and_loses_nothing(ends: tuple[BufferedSocket, socket.socket]) -> None:
    """Beyond a limit `send` takes no more; what it took arrives once the other end reads."""
    buffered, far = ends
    sent = bytearray()
    block = bytes(range(256)) * 256
    with suppress(BlockingIOError):
        while len(sent) < 1 << 30:
            sent += block[: buffered.send(block)]
            buffered.flush()
    assert buffered.unsent
    received = bytearray()
    while len(received) < len(sent):
        received += far.recv(1 << 20)
        buffered.flush()
    assert received == sent


def test_a_broken_connection_is_told_by_the_next_read(ends: tuple[BufferedSocket, socket.socket]) -> None:
    """An error in `flush` keeps nobody waiting: the socket has something to tell, and `recv` raises it."""
    buffered, far = ends
    far.close()
    buffered.send(b"who is there?")
    buffered.flush()
    assert buffered.pending()
    assert not buffered.unsent
    with pytest.raises(OSError, match=r"."):
        buffered.recv(1)


def test_the_end_of_the_other_side_is_empty(ends: tuple[BufferedSocket, socket.socket]) -> None:
    """A connection that was closed in order reads as b"", after what came before."""
    buffered, far = ends
    far.sendall(b"bye")
    far.close()
    assert buffered.recv(10) == b"bye"
    assert buffered.recv(10) == b""


def test_closing_sends_what_waits(ends: tuple[BufferedSocket, socket.socket]) -> None:
    """What was written just before the end arrives, such as a goodbye."""
    buffered, far = ends
    buffered.send(b"goodbye")
    buffered.close()
    assert far.recv(100) == b"goodbye"
    assert far.recv(100) == b""
