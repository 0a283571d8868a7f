"""Messages in groups, so that many share one commit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.bus import Bus, Message

GROUP_MESSAGES = 100
GROUP_S = 0.005  # a backlog fills a group at once; else an anomaly waits for it, too


def receive_group(bus: Bus, wait: float) -> list[Message]:
    """Receive at most 100 messages: wait `wait` seconds for the first one, 5 ms from then on for the others."""
    messages = bus.receive(GROUP_MESSAGES, wait)
    give_up = time.monotonic() + GROUP_S
    while 0 < len(messages) < GROUP_MESSAGES and (left := give_up - time.monotonic()) > 0:
        messages += bus.receive(GROUP_MESSAGES - len(messages), left)
    return messages
