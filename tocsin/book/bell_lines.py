"""What is on the bus, as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from contracts.alert import Alert
from contracts.codec import decode
from contracts.errors import DecodeError, TopicError
from tocsin.terminal import printable
from tocsin.time_words import clock

if TYPE_CHECKING:
    from rich.console import RenderableType

    from contracts.anomaly import Severity
    from contracts.topics import Topics
    from runtime.bus import Message

_INDENT = 9  # below the words, not below the time
SEVERITY_STYLES: dict[Severity, str] = {
    "info": "cyan",
    "minor": "yellow",
    "major": "bold dark_orange",
    "critical": "bold red",
}


def bell_lines(message: Message, *, for_people: bool) -> RenderableType:
    """Write a message of `bell/`: the time on this clock, then its own lines, indented below the first.

    For people, lines that the terminal folds are indented too.
    """
    first, *rest = printable(message.payload.decode("utf-8", errors="replace")).strip("\n").split("\n")
    head = Text.assemble((clock(message.received_at), "dim"), " ", (first, "bold"))
    if for_people:
        return Group(head, *(Padding(Text(line), (0, 0, 0, _INDENT)) for line in rest))
    return Text("\n").join([head, *(Text(" " * _INDENT + line) for line in rest)])


def alert_line(message: Message, topics: Topics) -> Text:
    """Write a message of `alerts/` in one line; one that is no alert is shown as what it is."""
    try:
        alert = decode(message.payload, Alert)
        device = topics.device_of(message.topic)
    except (DecodeError, TopicError) as error:
        return Text(f"{clock(message.received_at)} no alert on {printable(message.topic)}: {error}", style="dim")
    text = Text.assemble((clock(message.received_at), "dim"), " ", f"{alert.status:<12} ")
    text.append(f"{alert.severity:<9}", style=SEVERITY_STYLES[alert.severity])
    text.append(f"{printable(device)}: {printable(alert.label)}")
    text.append(f"  {alert.incident[:8]}", style="dim")
    return text


def json_line(message: Message) -> str | None:
    """Return the JSON of an alert in one line, or None for what is no alert."""
    try:
        decode(message.payload, Alert)
    except DecodeError:
        return None
    return message.payload.decode("utf-8").replace("\n", " ")
