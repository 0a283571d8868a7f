"""From the bus into the plant and on to the open pages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contracts.alert import Alert
from contracts.codec import decode
from contracts.errors import DecodeError, TopicError
from contracts.service import Answer, DeviceStatus, Score, ServiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.topics import Topics
    from runtime.bus import Message
    from web.live.hub import Hub
    from web.plant import Plant

_KINDS = ("alerts", "scores", "devices", "services")


def subscriptions(topics: Topics) -> list[str]:
    """Name what the page listens to."""
    return [topics.every(kind) for kind in _KINDS]


class Hearing:
    """Takes messages in the thread of the web server; what it cannot read is counted, not shown.

    Args:
        topics: names.
        plant: takes what is heard.
        hub: tells the open pages.
    """

    def __init__(self, topics: Topics, plant: Plant, hub: Hub) -> None:
        self._topics = topics
        self._plant = plant
        self._hub = hub
        self.heard: Counter[str] = Counter()

    def take(self, messages: Iterable[Message]) -> None:
        """Take messages in the order they came."""
        for message in messages:
            kind = self._topics.kind_of(message.topic)
            try:
                self._take(kind, message)
            except (DecodeError, TopicError):
                self.heard["unusable"] += 1
            else:
                self.heard[kind if kind in _KINDS else "unusable"] += 1

    def _take(self, kind: str, message: Message) -> None:
        if kind == "scores":
            score = decode(message.payload, Score)
            if self._plant.take_score(score):
                self._hub.score(score)
        elif kind == "devices":
            self._device(message)
        elif kind == "alerts":
            alert = decode(message.payload, Alert)
            self._plant.take_alert(alert)
            self._hub.alert(alert)
        elif message.topic.endswith("/commands"):
            answer = decode(message.payload, Answer)
            self._plant.take_answer(answer)
            self._hub.answer(answer)
        else:
            self._plant.take_service(decode(message.payload, ServiceStatus))

    def _device(self, message: Message) -> None:
        if not message.payload:  # a retained state is deleted by an empty one
            name = self._topics.device_of(message.topic)
            self._plant.forget(name)
            self._hub.gone(name)
            return
        status = decode(message.payload, DeviceStatus)
        if self._plant.take_status(status):
            self._hub.state(status.device)
        else:
            self._hub.progress(status.device)
