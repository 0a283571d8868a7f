"""Messages that could not be used, as `tocsin demo` and `tocsin watch` tell them."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.codec import encode
from contracts.service import DeadLetter
from contracts.topics import Topics
from runtime.bus import Message
from tocsin.book.refusals import Refusals

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
DETAIL = "field 'temperature' is 'hot', expected a number"


def letter(topic: str = "tocsin/readings/boiler", reason: str = "invalid", detail: str = DETAIL) -> Message:
    """Deliver a dead letter of the detector's."""
    payload = encode(
        DeadLetter(
            reason=reason, detail=detail, topic=topic, payload=b"{}", size=2, service="detector", received_at=NOW
        )
    )
    return Message("tocsin/deadletters/detector", payload, False, False, NOW, None)  # noqa: FBT003 - as it is defined


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Say the time."""
        return self.now


def test_a_refused_message_is_told_with_device_and_reason() -> None:
    """The line names the device behind the topic, and what was wrong."""
    line = Refusals(Topics()).line(letter("tocsin/readings/kettle%20%231"))
    assert line is not None
    assert line.endswith(f" kettle #1: a message could not be used: {DETAIL}")


def test_a_flood_is_one_line_a_minute_of_each_device() -> None:
    """Further messages of a device are counted until its next line; other devices have lines of their own."""
    clock = Clock()
    refusals = Refusals(Topics(), clock)
    assert refusals.line(letter()) is not None
    assert [refusals.line(letter()) for _ in range(12)] == [None] * 12
    assert refusals.line(letter("tocsin/readings/pump")) is not None
    clock.now += 60
    line = refusals.line(letter())
    assert line is not None
    assert line.endswith("(12 more before)")


def test_invented_names_get_no_lines_without_end() -> None:
    """Whoever invents a device a message cannot fill the screen or the memory."""
    clock = Clock()
    refusals = Refusals(Topics(), clock)
    lines = [refusals.line(letter(f"tocsin/readings/x{number}")) for number in range(1_500)]
    assert sum(line is not None for line in lines) == 1_000
    clock.now += 60
    assert refusals.line(letter("tocsin/readings/new")) is not None


def test_an_error_of_our_own_is_called_so() -> None:
    """Nobody shall look for the fault of a device where there is none."""
    line = Refusals(Topics()).line(letter(reason="internal_error", detail="ValueError()"))
    assert line is not None
    assert "an error in Tocsin itself: ValueError()" in line


def test_what_is_no_dead_letter_is_not_told() -> None:
    """Anybody may publish on an open broker; control characters steer no terminal."""
    refusals = Refusals(Topics())
    for payload in (b"", b"\xff", b'{"reason": 3}'):
        assert refusals.line(Message("tocsin/deadletters/x", payload, False, False, NOW, None)) is None  # noqa: FBT003 - the same
    line = refusals.line(letter("elsewhere\x1b[2J", detail="a\nb"))
    assert line is not None
    assert line.endswith("elsewhere[2J: a message could not be used: a b")
