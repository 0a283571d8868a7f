"""Commands of an operator; each is answered on the service's own topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.codec import encode
from contracts.service import Answer
from explainer.messages.reading_messages import SERVICE
from runtime.logs import get_logger
from storage.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contracts.service import Command
    from contracts.topics import Topics
    from explainer.llm.desk import ExplanationDesk
    from runtime.bus import Bus

_log = get_logger("explainer.messages.orders")


@dataclass(frozen=True, slots=True)
class Reply:
    """Answers one command, at once or when it is carried out."""

    bus: Bus
    topic: str
    command: str

    def done(self, **result: Any) -> None:  # noqa: ANN401 - JSON
        """Say that it was carried out."""
        self._say(Answer(id=self.command, ok=True, result=result or None))

    def refuse(self, error: str) -> None:
        """Say why it was not."""
        self._say(Answer(id=self.command, ok=False, error=error))

    def _say(self, answer: Answer) -> None:
        self.bus.publish(self.topic, encode(answer))


class Orders:
    """Carries out commands.

    Args:
        bus: the broker.
        topics: the installation's topics.
        instance: this copy of the service.
        handlers: what each command does; it must reply, then or later.
    """

    def __init__(
        self, *, bus: Bus, topics: Topics, instance: str, handlers: Mapping[str, Callable[[Command, Reply], None]]
    ) -> None:
        self._bus = bus
        self._topic = topics.answers(SERVICE, instance)
        self._handlers = handlers

    def carry_out(self, command: Command) -> None:
        """Carry out a command."""
        reply = Reply(self._bus, self._topic, command.id)
        handler = self._handlers.get(command.name)
        if handler is None:
            reply.refuse(f"unknown command {command.name[:40]!r}; expected one of {', '.join(sorted(self._handlers))}")
            return
        try:
            handler(command, reply)
        except UnavailableError as error:
            reply.refuse(f"{error}; try again")
        except Exception as error:  # noqa: BLE001 - the handler loop: a command must not end the service
            _log.exception("a command failed", command=command.name)
            reply.refuse(f"an error in Tocsin itself: {type(error).__name__}")


def explaining(desk: ExplanationDesk | None) -> Callable[[Command, Reply], None]:
    """Carry out `explain` (arguments: `incident`): a model is asked again about one incident."""

    def explain(command: Command, reply: Reply) -> None:
        error = _problem(command, desk)
        reply.done() if error is None else reply.refuse(error)

    return explain


def _problem(command: Command, desk: ExplanationDesk | None) -> str | None:
    if desk is None:
        return "no model is set: TOCSIN_LLM_BASE_URL or a key is missing"
    incident = (command.arguments or {}).get("incident")
    if not isinstance(incident, str):
        return "expected arguments {'incident': '<id>'}"
    return desk.order(incident)
