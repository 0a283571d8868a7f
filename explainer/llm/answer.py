"""A model's answer: its form, and its texts made safe to show."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from contracts.alert import Cause
from explainer.errors import AnswerError
from explainer.words.wording import clean, compared_in_words, strip_escapes

MAX_LABEL = 100
MAX_REASON = 500
MAX_LINE = 200
_SHORT_LINE, _SHORT_REASON = 60, 160
# A free number invites small models to write digits without end.
_CONFIDENCES = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]

_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,500}>")
_LINK = re.compile(r"!?\[([^\]]{0,200})\]\([^)]{0,500}\)")
_ADDRESS = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)|\bmailto:|\bjavascript:", re.IGNORECASE)
_MARKUP = str.maketrans("", "", "`*#|<>{}\\")


class ModelCause(Struct, frozen=True):
    """A probable cause as the model writes it."""

    cause: Annotated[str, Meta(min_length=3, max_length=400)]
    confidence: Annotated[float, Meta(ge=0, le=100)]

    @property
    def fraction(self) -> float:
        """Return the confidence from 0 to 1; some models answer in percent, whatever the schema says."""
        return self.confidence / 100 if self.confidence > 1 else self.confidence


class ModelAnswer(Struct, frozen=True):
    """The object that the model is asked for."""

    label: Annotated[str, Meta(min_length=3, max_length=300)]
    reason: Annotated[str, Meta(min_length=3, max_length=2000)]
    causes: Annotated[tuple[ModelCause, ...], Meta(min_length=1, max_length=5)]
    actions: Annotated[tuple[Annotated[str, Meta(min_length=3, max_length=400)], ...], Meta(min_length=1, max_length=5)]


class CleanAnswer(Struct, frozen=True):
    """An answer whose texts are safe and of bounded length; `causes` from the likeliest to the least likely."""

    label: str
    reason: str
    causes: tuple[Cause, ...]
    actions: tuple[str, ...]


def answer_schema(*, short: bool = False) -> dict[str, Any]:
    """Return the JSON Schema that the model is held to; written out, since servers understand only the plain words.

    Lengths keep a small model from rambling on, `short` ones a very small one; they stay far below the repetitions that
    llama.cpp's grammars refuse.
    """
    line = _text(_SHORT_LINE if short else MAX_LINE)
    most = 2 if short else 4
    cause = {
        "type": "object",
        "properties": {"cause": line, "confidence": {"enum": _CONFIDENCES}},
        "required": ["cause", "confidence"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "label": _text(_SHORT_LINE if short else MAX_LABEL),
            "reason": _text(_SHORT_REASON if short else MAX_REASON),
            "causes": {"type": "array", "items": cause, "minItems": 1, "maxItems": most},
            "actions": {"type": "array", "items": line, "minItems": 1, "maxItems": most},
        },
        "required": ["label", "reason", "causes", "actions"],
        "additionalProperties": False,
    }


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest}


def read_answer(text: str) -> CleanAnswer:
    """Read an answer: one JSON object, perhaps with words or a code fence around it.

    Raises:
        AnswerError: it has another form, a text is empty once cleaned, or names an address.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        answer = msgspec.json.decode(text[start : end + 1], type=ModelAnswer)
    except msgspec.ValidationError as error:
        raise AnswerError(f"it has another form ({error})") from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise AnswerError("it is not one JSON object") from error
    causes = sorted(answer.causes, key=lambda one: -one.fraction)
    return CleanAnswer(
        label=_safe(answer.label, MAX_LABEL, "label"),
        reason=_safe(answer.reason, MAX_REASON, "reason"),
        causes=tuple(Cause(cause=_safe(one.cause, MAX_LINE, "a cause"), confidence=one.fraction) for one in causes),
        actions=tuple(_safe(one, MAX_LINE, "an action") for one in answer.actions),
    )


def _safe(text: str, limit: int, what: str) -> str:
    """Take escapes, markup and links out of a text, and refuse addresses: no reader shall follow a model somewhere."""
    plain = _LINK.sub(r"\1", _TAG.sub(" ", compared_in_words(strip_escapes(text))))
    if _ADDRESS.search(text):
        raise AnswerError(f"{what} holds an address")
    safe = clean(plain.translate(_MARKUP), limit)
    if not any(c.isalpha() for c in safe):
        raise AnswerError(f"{what} says nothing")
    return safe
