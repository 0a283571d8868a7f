"""Tells the detector something and waits for its answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

from contracts.codec import decode, encode
from contracts.errors import DecodeError
from contracts.service import Answer, Command, ServiceStatus
from contracts.topics import Topics
from tocsin.broker.listening import ANSWERS_S, tell, visiting
from tocsin.terminal import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.service import Feedback
    from runtime.bus import Bus, Message
    from tocsin.command_settings import CommandSettings

FITS_S = 600.0


def order(
    settings: CommandSettings,
    name: str,
    device: str,
    arguments: Mapping[str, object] | None = None,
    patience: float = ANSWERS_S,
) -> Answer:
    """Order something of the detector; return what it says when it is done.

    Raises:
        CommandError: it cannot be reached, says no, or does not answer for `patience` seconds.
    """
    topics = Topics(settings.topic_prefix)
    command = Command(id=uuid4().hex, name=name, device=device, arguments=dict(arguments or {}) or None)
    return _ask(settings, topics, topics.commands("detector"), command, command.id, patience)


def say(settings: CommandSettings, feedback: Feedback) -> Answer:
    """Say what somebody thinks of an incident; return the detector's answer.

    Raises:
        CommandError: as `order`.
    """
    topics = Topics(settings.topic_prefix)
    return _ask(settings, topics, topics.feedback(feedback.incident), feedback, feedback.incident, ANSWERS_S)


def _ask(  # noqa: PLR0913, PLR0917 - one message and its answer
    settings: CommandSettings, topics: Topics, topic: str, message: Command | Feedback, key: str, patience: float
) -> Answer:
    with visiting(settings.connection, (topics.every("services/detector"),)) as bus:
        tell(bus, "detector", topic, encode(message))
        answer = _answer(bus, topics, key, patience)
    if answer.ok:
        return answer
    raise CommandError(f"{answer.device}: {answer.error}" if answer.device else str(answer.error))


def _answer(bus: Bus, topics: Topics, key: str, patience: float) -> Answer:
    give_up = time.monotonic() + patience
    offline = False
    while (left := give_up - time.monotonic()) > 0:
        messages = bus.receive(100, min(left, 0.2))
        bus.ack(messages)
        for message in messages:
            answer = _read(message)
            if isinstance(answer, Answer) and answer.id == key:
                return answer
            if isinstance(answer, ServiceStatus):
                offline = answer.state == "offline"
        if offline:
            break
    words = "is offline; it will hear of it when it is back" if offline else f"has not answered for {patience:.0f} s"
    raise CommandError(f"the detector {words}", f"its log says why; its state: {topics.prefix}/services/detector/#")


def _read(message: Message) -> Answer | ServiceStatus | None:
    try:
        if message.topic.endswith("/commands"):
            return decode(message.payload, Answer)
        return decode(message.payload, ServiceStatus)
    except DecodeError:
        return None
