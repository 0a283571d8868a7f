"""A telegram as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from devices.times import written
from tocsin.terminal import printable

if TYPE_CHECKING:
    from rich.console import Console

    from devices.telegram import DeviceReading, Telegram

_MOST_ROWS = 60
_WORDS = {
    "telemetry": ("measures", "green"),
    "availability": ("says whether it is there", "cyan"),
    "metadata": ("describes", "blue"),
    "ignore": ("nothing to measure", "dim"),
    "dead_letter": ("cannot be read", "red"),
}


def show_telegram(console: Console, topic: str, telegram: Telegram) -> None:
    """Print format, device, values with units, time, and what was left out with the reason."""
    words, style = _WORDS[telegram.kind]
    by = f" by profile {telegram.profile}" if telegram.profile else ""
    console.print(
        Text.assemble((printable(topic), "bold"), "  ", (f"{telegram.format}{by}", "magenta"), ": ", (words, style))
    )
    if telegram.reason:
        console.print(f"  {printable(telegram.reason)}", style="yellow" if telegram.kind == "dead_letter" else "dim")
    if telegram.online is not None and telegram.device:
        below = f", and all below {telegram.covers}" if telegram.covers and telegram.covers != "*" else ""
        state = "online" if telegram.online else "offline"
        console.print(f"  {printable(telegram.device)} is {state}{printable(below)}")
    for one in telegram.discovers:
        unit = f" in {one.unit}" if one.unit else ""
        console.print(printable(f"  announces {one.device_class or one.path or 'a value'}{unit} on {one.state_topic}"))
    for reading in telegram.readings:
        _show_reading(console, reading)


def _show_reading(console: Console, reading: DeviceReading) -> None:
    console.print(Text.assemble("  device ", (printable(reading.device), "bold"), f"  {_time(reading)}"))
    table = Table.grid(padding=(0, 2))
    for name, value in list(reading.metrics.items())[:_MOST_ROWS]:
        unit = reading.units.get(name, "")
        rate = "counter: its rate is watched" if name in reading.counters else ""
        table.add_row("   ", printable(name), f"{value:g}", printable(unit), Text(rate, style="dim"))
    for name, label in list(reading.labels.items())[:_MOST_ROWS]:
        table.add_row("   ", printable(name), printable(label), "", Text("a label, no level", style="dim"))
    for name in reading.nulls[:_MOST_ROWS]:
        table.add_row("   ", printable(name), "no value", "", "")
    for name in reading.bad_quality[:_MOST_ROWS]:
        table.add_row("   ", printable(name), "left out", "", Text("the device says: bad quality", style="dim"))
    for name, why in list(reading.dropped.items())[:_MOST_ROWS]:
        table.add_row("   ", printable(name), "dropped", "", Text(printable(why), style="dim"))
    console.print(table)
    if reading.warning:
        console.print(f"    {printable(reading.warning)}", style="yellow")


def _time(reading: DeviceReading) -> str:
    if reading.timestamp is None:
        words = "no time: the arrival counts"
    elif reading.timestamp.tzinfo is None:
        words = f"at {written(reading.timestamp)}, local time of an unknown zone"
    else:
        words = f"at {written(reading.timestamp)}"
    notes = [
        word
        for word, holds in (
            ("buffered", reading.historical),
            ("diagnostic", reading.diagnostic),
            ("changes only", reading.partial),
        )
        if holds
    ]
    return ", ".join((words, *notes))
