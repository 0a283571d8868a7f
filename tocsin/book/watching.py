"""Shows what rings, as it rings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contracts.topics import Topics
from tocsin.book.bell_lines import alert_line, bell_lines, json_line
from tocsin.book.refusals import Refusals
from tocsin.broker.listening import visiting
from tocsin.stop_signals import stopping_by_signal
from tocsin.terminal import errors, output

if TYPE_CHECKING:
    from rich.console import Console

    from runtime.bus import Message
    from tocsin.command_settings import CommandSettings

Form = Literal["bell", "alerts", "json"]
_TURN_S = 0.2


def watch(settings: CommandSettings, form: Form) -> None:
    """Print alerts until Ctrl-C.

    Raises:
        CommandError: there is no broker, or it does not let us in.
    """
    topics = Topics(settings.topic_prefix)
    console = output()
    refusals = Refusals(topics)
    kinds = ("bell" if form == "bell" else "alerts", "deadletters")  # the latter stays silent for whom may not read it
    with (
        stopping_by_signal() as stop,
        visiting(settings.connection, [topics.every(kind) for kind in kinds]) as bus,
    ):
        host, port = settings.broker_host, settings.broker_port
        errors().print(f"Listening on {host}:{port}; Ctrl-C ends it.", style="dim")
        connected = True
        while not stop.asked:
            for message in bus.receive(100, _TURN_S):
                if message.topic.startswith(topics.prefix + "/deadletters/"):
                    _remark(refusals.line(message))
                else:
                    _show(console, message, form, topics)
                bus.ack([message])
            if bus.connected != connected:
                connected = bus.connected
                errors().print(
                    "The broker is back." if connected else "The broker is gone; waiting for it.", style="yellow"
                )


def _remark(line: str | None) -> None:
    if line is not None:
        errors().print(line, style="dim")


def _show(console: Console, message: Message, form: Form, topics: Topics) -> None:
    if form == "bell":
        console.print(bell_lines(message, for_people=console.is_terminal))
        console.print()
    elif form == "alerts":
        console.print(alert_line(message, topics))
    elif (line := json_line(message)) is not None:
        console.out(line, highlight=False)
    console.file.flush()
