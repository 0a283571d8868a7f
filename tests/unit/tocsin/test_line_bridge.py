"""JSON lines from a TCP server become readings."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime

from contracts.decode_reading import decode_reading
from tocsin.foreign.line_bridge import LineReading, lines_from

LINE = b'{"src_port": 443, "packet_size": 800.5, "protocol": "TCP"}'


def values(reading: LineReading, line: bytes) -> dict[str, float | None]:
    """Return the values that a line becomes."""
    payload = reading.read(line)
    assert payload is not None
    return decode_reading(payload, "net", datetime.now(UTC)).values


def test_a_line_becomes_a_reading_with_its_words_spelt_out() -> None:
    """A word is a metric of its own, so that another one is seen."""
    reading = LineReading("net")
    assert values(reading, LINE) == {"src_port": 443, "packet_size": 800.5, "protocol=TCP": 1, "protocol=other": 0}
    assert values(reading, LINE.replace(b"TCP", b"UDP"))["protocol=TCP"] == 0


def test_a_word_that_was_never_seen_is_another() -> None:
    """After fifty lines the words are known."""
    reading = LineReading("net")
    for _ in range(50):
        values(reading, LINE)
    found = values(reading, LINE.replace(b"TCP", b"UNKNOWN"))
    assert (found["protocol=TCP"], found["protocol=other"]) == (0, 1)
    assert "protocol=UNKNOWN" not in found


def test_what_is_no_object_with_values_is_left_out() -> None:
    """Broken lines, lists, and objects without anything."""
    reading = LineReading("net")
    assert [reading.read(line) for line in (b"{", b"[1]", b"{}", b"\xff", b"[" * 100_000)] == [None] * 5


def test_a_line_may_carry_its_time() -> None:
    """Else the arrival counts."""
    payload = LineReading("net").read(b'{"timestamp": 1767225600, "v": 1}')
    assert payload is not None
    assert decode_reading(payload, "net", datetime.now(UTC)).measured_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_lines_are_read_as_they_are_sent() -> None:
    """In pieces and several at once; the end of the server is the end of the lines."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            for piece in (b'{"a":', b' 1}\n{"a": 2}\n', b'{"a": 3}\n'):
                connection.sendall(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    port = server.getsockname()[1]
    found = [line for line in lines_from("127.0.0.1", port, lambda: True) if line]
    thread.join()
    server.close()
    assert found == [b'{"a": 1}', b'{"a": 2}', b'{"a": 3}']
