"""Keeps a line bridge running: connects, publishes, reconnects."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from contracts.topics import Topics
from tocsin.broker.listening import visiting
from tocsin.foreign.line_bridge import LineReading, lines_from
from tocsin.stop_signals import stopping_by_signal
from tocsin.terminal import errors

if TYPE_CHECKING:
    from runtime.bus import Bus, Publication
    from tocsin.command_settings import CommandSettings
    from tocsin.stop_signals import Stop

_UNDER_WAY = 500
_RETRY_S = 2.0


def bridge_lines(settings: CommandSettings, host: str, port: int, device: str) -> None:
    """Publish each line as a reading until Ctrl-C; a server that goes away is waited for.

    Raises:
        CommandError: there is no broker, or it does not let us in.
    """
    reading = LineReading(device)
    topic = Topics(settings.topic_prefix).readings(device)
    complained = False
    with stopping_by_signal() as stop, visiting(settings.connection) as bus:
        errors().print(f"Reading {host}:{port} as {device!r}; Ctrl-C ends it.", style="dim")
        while not stop.asked:
            try:
                taken, left_out = _run(bus, topic, reading, host, port, stop)
                complained = False
                errors().print(f"The server closed: {taken} readings, {left_out} lines without values.", style="dim")
            except OSError as error:
                if not complained:
                    errors().print(
                        f"No server on {host}:{port} ({error.strerror or error}); waiting for it.", style="yellow"
                    )
                complained = True
            stop.event.wait(_RETRY_S)


def _run(bus: Bus, topic: str, reading: LineReading, host: str, port: int, stop: Stop) -> tuple[int, int]:  # noqa: PLR0913, PLR0917 - from where to where
    taken = left_out = 0
    under_way: deque[Publication] = deque()
    for line in lines_from(host, port, lambda: not stop.asked):
        if not line.strip():
            continue
        payload = reading.read(line)
        if payload is None:
            left_out += 1
            continue
        under_way.append(bus.publish(topic, payload))
        taken += 1
        while under_way and (under_way[0].done or len(under_way) > _UNDER_WAY):
            under_way.popleft().wait(10.0)
    give_up = time.monotonic() + 10.0
    for publication in under_way:
        publication.wait(max(0.0, give_up - time.monotonic()))
    return taken, left_out
