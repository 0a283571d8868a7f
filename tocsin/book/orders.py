"""Talks to the explainer, the alert book's only writer, and waits for what it says."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from contracts.alert import Alert
from contracts.codec import decode, encode
from contracts.errors import DecodeError
from contracts.service import Answer, Command
from contracts.topics import Topics
from tocsin.broker.listening import ANSWERS_S, tell, visiting
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contracts.service import Feedback
    from runtime.bus import Bus, Message
    from tocsin.command_settings import CommandSettings

_T = TypeVar("_T")
_M = TypeVar("_M", Answer, Alert)
_HANDLED = frozenset({"acknowledged", "snoozed"})


class BookOrders:
    """A conversation with the explainer over one connection.

    Args:
        bus: a client that listens to the explainer's answers and to alerts.
        topics: the installation's topics.
    """

    def __init__(self, bus: Bus, topics: Topics) -> None:
        self._bus = bus
        self._topics = topics

    def order(self, name: str, arguments: Mapping[str, object], patience: float = ANSWERS_S) -> Answer:
        """Order something; return what the explainer says when it is done.

        Raises:
            CommandError: it says no, does not answer for `patience` seconds, or the broker does not take the order.
        """
        command = Command(id=uuid4().hex, name=name, arguments=dict(arguments))
        tell(self._bus, "explainer", self._topics.commands("explainer"), encode(command))
        answer = self._wait(lambda message: _answer(message, command.id), patience)
        if not answer.ok:
            raise CommandError(f"the explainer says: {answer.error}")
        return answer

    def say(self, feedback: Feedback, patience: float = ANSWERS_S) -> Alert:
        """Say what somebody thinks of an incident; return its alert as it is published then.

        An alert that was on its way before does not show it yet, and is told only where no other comes.

        Raises:
            CommandError: as `order`.
        """
        tell(self._bus, "explainer", self._topics.feedback(feedback.incident), encode(feedback))
        seen: list[Alert] = []
        try:
            return self._wait(lambda message: _alert(message, feedback, seen), patience)
        except CommandError:
            if not seen:
                raise
            return seen[-1]

    def _wait(self, find: Callable[[Message], _T | None], patience: float) -> _T:
        give_up = time.monotonic() + patience
        while (left := give_up - time.monotonic()) > 0:
            messages = self._bus.receive(100, min(left, 0.2))
            self._bus.ack(messages)
            for message in messages:
                found = find(message)
                if found is not None:
                    return found
        raise CommandError(
            f"the explainer has not answered for {patience:.0f} s; what was said waits for it at the broker",
            "does it run? `tocsin doctor` looks",
        )


@contextmanager
def explainer_orders(settings: CommandSettings) -> Iterator[BookOrders]:
    """Connect for the time of a block.

    Raises:
        CommandError: there is no broker, or it does not let us in.
    """
    topics = Topics(settings.topic_prefix)
    with visiting(settings.connection, (topics.every("services/explainer"), topics.every("alerts"))) as bus:
        yield BookOrders(bus, topics)


def _answer(message: Message, command: str) -> Answer | None:
    if not message.topic.endswith("/commands"):
        return None
    answer = _decoded(message, Answer)
    return answer if answer is not None and answer.id == command else None


def _alert(message: Message, feedback: Feedback, seen: list[Alert]) -> Alert | None:
    if message.retained or "/alerts/" not in message.topic:
        return None
    alert = _decoded(message, Alert)
    if alert is None or alert.incident != feedback.incident:
        return None
    seen.append(alert)
    shows = alert.status not in _HANDLED if feedback.verdict == "undo" else alert.status != "open"
    return alert if shows else None


def _decoded(message: Message, kind: type[_M]) -> _M | None:
    try:
        return decode(message.payload, kind)
    except DecodeError:
        return None
