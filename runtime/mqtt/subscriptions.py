"""What a client listens to: topic filters that may change while it is connected, and what the broker says to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paho.mqtt.client import Client
    from paho.mqtt.reasoncodes import ReasonCode


class Subscriptions:
    """For two threads: one changes the filters, the other hears the broker.

    Attributes:
        filters: of now, subscribed at QoS 1.
    """

    def __init__(self, filters: Sequence[str]) -> None:
        self.filters = tuple(filters)
        self._asked: dict[int, tuple[str, ...]] = {}  # by packet id; what is missing here asked for all

    def ask(self, client: Client) -> None:
        """Subscribe to all, on a new connection."""
        client.subscribe([(one, 1) for one in self.filters])

    def change(self, filters: Sequence[str], client: Client | None) -> None:
        """Have other filters; a connected client is told what that changes."""
        before, self.filters = self.filters, tuple(filters)
        gone = [one for one in before if one not in self.filters]
        new = [one for one in self.filters if one not in before]
        if client is None:
            return
        if gone:
            client.unsubscribe(gone)
        if new:
            _, packet_id = client.subscribe([(one, 1) for one in new])
            if packet_id is not None:
                self._asked[packet_id] = tuple(new)

    def refused(self, packet_id: int, reasons: list[ReasonCode]) -> Iterator[tuple[str, str]]:
        """Yield the filters that the broker has refused in this answer, with its reason."""
        for topic_filter, reason in zip(self._asked.pop(packet_id, self.filters), reasons, strict=False):
            if reason.is_failure:
                yield topic_filter, str(reason)
