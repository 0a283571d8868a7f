"""The Provider port: a question with a JSON schema, an answer with what it cost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A conversation that the model shall continue with one JSON object.

    Attributes:
        schema: JSON Schema of the object.
        max_tokens: length of the answer at most.
    """

    lines: tuple[Line, ...]
    schema: Mapping[str, Any]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said; token counts are the provider's, 0 where it counts none."""

    text: str
    prompt_tokens: int
    answer_tokens: int


class Provider(ABC):
    """A model somewhere.

    Attributes:
        name: the kind of client.
        model: the model's name at that provider.
    """

    name: str
    model: str

    @abstractmethod
    def ask(self, question: Question, timeout: float) -> Answer:
        """Send one request, and one only; called from several threads.

        Args:
            question: what to ask.
            timeout: seconds of wall clock after which the answer is given up, whatever arrives until then.

        Raises:
            ProviderError: there is no usable answer; the error says whether to try again, and names no secret.
        """
