"""Messages of the bus as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from contracts.codec import encode
from contracts.topics import Topics
from runtime.bus import Message
from tests.unit.storage.alert_records import record
from tocsin.book.bell_lines import alert_line, bell_lines, json_line

AT = datetime(2026, 11, 22, 6, 0, 5, tzinfo=UTC)
CLOCK = f"{AT.astimezone():%H:%M:%S}"


def message(topic: str, payload: bytes) -> Message:
    """Make a delivery."""
    return Message(topic, payload, retained=False, duplicate=False, received_at=AT, delivery=None)


def shown(renderable: object, width: int = 60) -> str:
    """Print it on a terminal of some width, without colours."""
    console = Console(file=StringIO(), width=width, color_system=None, force_terminal=True)
    console.print(renderable)
    stream = console.file
    assert isinstance(stream, StringIO)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_a_bell_is_indented_below_its_time() -> None:
    """The first line stands behind the time, the others below it, also where the terminal folds them."""
    bell = message(
        "tocsin/bell/boiler", "🚨 boiler: too hot [major]\nWhy: a long reason that needs two lines here".encode()
    )
    assert shown(bell_lines(bell, for_people=True), 40) == (
        f"{CLOCK} 🚨 boiler: too hot [major]\n         Why: a long reason that needs\n         two lines here"
    )
    assert str(bell_lines(bell, for_people=False)).splitlines()[1].startswith("         Why: a long reason that needs")


def test_a_bell_cannot_steer_the_terminal() -> None:
    """Whoever may ring cannot send escape codes, markup or broken text to a terminal."""
    bell = message("tocsin/bell/boiler", b"\x1b[2J[red]rang\xff")
    assert shown(bell_lines(bell, for_people=True)) == f"{CLOCK} [2J[red]rang\ufffd"


def test_an_alert_takes_one_line() -> None:
    """An alert's change is one line: when, what it is now, how severe, where, what."""
    alert = record("two").alert
    line = alert_line(message("tocsin/alerts/boiler", encode(alert)), Topics())
    assert str(line) == f"{CLOCK} open         major    boiler: temperature has shifted up  {alert.incident[:8]}"
    assert json_line(message("tocsin/alerts/boiler", encode(alert))) == encode(alert).decode()


def test_what_is_no_alert_is_said() -> None:
    """A strange message is named, and never part of the JSON lines."""
    strange = message("tocsin/alerts/boiler", b"hello")
    assert "no alert on tocsin/alerts/boiler" in str(alert_line(strange, Topics()))
    assert json_line(strange) is None
