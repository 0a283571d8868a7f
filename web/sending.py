"""What people do on the page, sent over the bus: the page itself changes nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from contracts.codec import encode
from contracts.service import Command, Feedback
from web.errors import NotTakenError

if TYPE_CHECKING:
    from contracts.topics import Topics
    from runtime.bus import Bus

_PATIENCE_S = 5.0


class Sender:
    """Publishes feedback and commands, and waits until the broker has them.

    Args:
        bus: to publish on.
        topics: names.
    """

    def __init__(self, bus: Bus, topics: Topics) -> None:
        self._bus = bus
        self._topics = topics

    async def feedback(self, feedback: Feedback) -> None:
        """Say what a person thinks of an incident.

        Raises:
            NotTakenError: the broker has not taken it.
        """
        await self._send(self._topics.feedback(feedback.incident), encode(feedback))

    async def command(
        self, service: str, name: str, *, device: str | None = None, arguments: dict[str, Any] | None = None
    ) -> Command:
        """Order something of a service; its answer comes later by the command's id.

        Raises:
            NotTakenError: the broker has not taken it.
        """
        command = Command(id=uuid4().hex, name=name, device=device, arguments=arguments)
        await self._send(self._topics.commands(service), encode(command))
        return command

    async def _send(self, topic: str, payload: bytes) -> None:
        if not self._bus.connected:
            raise NotTakenError("the broker is not connected: nothing was changed")
        publication = self._bus.publish(topic, payload)
        taken = publication.done or await asyncio.to_thread(publication.wait, _PATIENCE_S)
        if not taken or publication.refused:
            raise NotTakenError(f"the broker has not taken it: {publication.refused or 'no answer'}")


def now() -> datetime:
    """The time now."""
    return datetime.now(UTC)
