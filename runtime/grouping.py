"""Messages in groups, so that many share one commit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.bus import Bus, Message

GROUP_MESSAGES = 100
GROUP_S = 0.005  # a backlog fills a group at once


def receive_group(bus: Bus, wait: float) -> list[Message]:
    """Receive at most 100 messages: wait `wait` seconds for the first one, 5 ms from then on for the others."""
    return [message for batch in batches(bus, bus.receive(GROUP_MESSAGES, wait)) for message in batch]


def batches(bus: Bus, first: list[Message]) -> Iterator[list[Message]]:
    """Yield a group as it comes, beginning with its first messages: what has to be said at once can end it early."""
    yield first
    count = len(first)
    give_up = time.monotonic() + GROUP_S
    while 0 < count < GROUP_MESSAGES and (left := give_up - time.monotonic()) > 0:
        if more := bus.receive(GROUP_MESSAGES - count, left):
            count += len(more)
            yield more
