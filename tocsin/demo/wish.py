"""What the caller wants of the demo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """What is simulated, and on which broker.

    `port` None prefers the usual one, 0 takes any that is free; `broker` None takes the first that is installed;
    `local_llm` has a small language model served here explain.
    """

    scenario: str
    port: int | None = None
    broker: str | None = None
    local_llm: bool = False
