"""Which devices of a replay the detector knows from before: what it learned of them counts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from producer.replay.replay import device_names
from producer.replay.state import load_state, replay_key
from tocsin.broker.listening import visiting
from tocsin.terminal import listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from contracts.topics import Topics
    from producer.replay.terms import ReplayOptions
    from runtime.bus import Bus
    from runtime.mqtt.connection import BrokerConnection

_LISTEN_S = 0.3  # retained statuses follow a subscription at once
_SHOWN = 3


def known_devices(
    connection: BrokerConnection, topics: Topics, files: Sequence[Path], options: ReplayOptions
) -> list[str]:
    """Name the devices of a new replay of which the detector keeps a status; none for a replay that goes on.

    Raises:
        CommandError: there is no broker, or it does not let us in.
    """
    if options.layout.device_column or load_state(options.state, replay_key(files, options)) is not None:
        return []
    names = dict.fromkeys([options.device] if options.device else device_names(files))
    with visiting(connection, [topics.device(name) for name in names]) as bus:
        heard = _retained(bus)
    return [name for name in names if topics.device(name) in heard]


def remark(known: Sequence[str]) -> str:
    """Say what it means that they are known."""
    names = listed([repr(name) for name in known], _SHOWN)
    return f"{names}: known from before, and judged by what was learned; --device NAME lets a new device see a file"


def _retained(bus: Bus) -> set[str]:
    heard: set[str] = set()
    give_up = time.monotonic() + _LISTEN_S
    while (left := give_up - time.monotonic()) > 0:
        messages = bus.receive(100, left)
        heard |= {message.topic for message in messages if message.payload}
        bus.ack(messages)
    return heard
