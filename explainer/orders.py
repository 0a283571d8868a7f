"""Commands of an operator; each is answered on the service's own topic."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from explainer.reading_messages import SERVICE

if TYPE_CHECKING:
    from contracts.service import Command
    from contracts.topics import Topics
    from explainer.llm.desk import ExplanationDesk
    from runtime.bus import Bus


class Orders:
    """Carries out `explain` (arguments: `incident`): has a model asked again about one incident."""

    def __init__(self, *, bus: Bus, topics: Topics, instance: str, desk: ExplanationDesk | None) -> None:
        self._bus = bus
        self._topic = topics.service(SERVICE, instance) + "/commands"
        self._desk = desk

    def carry_out(self, command: Command) -> None:
        """Carry out a command and answer it: `{"id", "ok", "error"}`."""
        error = self._problem(command)
        answer = {"id": command.id, "ok": error is None, "error": error}
        self._bus.publish(self._topic, json.dumps(answer).encode())

    def _problem(self, command: Command) -> str | None:
        if command.name != "explain":
            return f"unknown command {command.name[:40]!r}; expected 'explain'"
        if self._desk is None:
            return "no model is set: TOCSIN_LLM_BASE_URL or a key is missing"
        incident = (command.arguments or {}).get("incident")
        if not isinstance(incident, str):
            return "expected arguments {'incident': '<id>'}"
        return self._desk.order(incident)
