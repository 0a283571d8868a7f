"""The together SDK as a provider: Together itself, or any server that speaks the same protocol."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import together

from explainer.errors import ProviderError
from explainer.providers.port import Answer, Provider

if TYPE_CHECKING:
    from explainer.providers.port import Question

MAX_ANSWER_CHARACTERS = 20_000
MAX_HANGING = 8
_AGAIN = frozenset({408, 409, 425, 429})
_HOPELESS = frozenset({400, 413, 422})
_SERVER_ERROR = 500


@dataclass(slots=True)
class _Call:
    """A request in a thread of its own, so that it can be given up."""

    ended: threading.Event = field(default_factory=threading.Event)
    completion: object = None
    error: Exception | None = None


class TogetherProvider(Provider):
    """Asks through the together SDK; one request a question, no retries of the SDK's own.

    Args:
        model: the model's name.
        api_key: the account's key; a local server takes any.
        base_url: of the server, without `/v1`; None for Together itself.
    """

    name = "together"

    def __init__(self, *, model: str, api_key: str, base_url: str | None = None) -> None:
        self.model = model
        self._api_key = api_key
        self._base_url = None if base_url is None else base_url.rstrip("/").removesuffix("/v1")
        self._hanging: list[_Call] = []
        self._lock = threading.Lock()

    def ask(self, question: Question, timeout: float) -> Answer:
        """Send one request; see the port."""
        self._refuse_pile_up()
        # The SDK's own timeout is for each read: a server that drips bytes would hold us for ever. So the call has a
        # thread, which is left alone at the deadline and ends when its connection is closed.
        client = self._client(timeout)
        call = _Call()
        threading.Thread(target=self._run, args=(client, question, call), name="llm-call", daemon=True).start()
        if not call.ended.wait(timeout):
            with self._lock:
                self._hanging.append(call)
            client.close()
            raise ProviderError(f"no complete answer within {timeout:.1f} s", retriable=True)
        if call.error is not None:
            raise _told(call.error)
        return _answer(call.completion)

    def _refuse_pile_up(self) -> None:
        with self._lock:
            self._hanging = [call for call in self._hanging if not call.ended.is_set()]
            hanging = len(self._hanging)
        if hanging >= MAX_HANGING:
            raise ProviderError(f"{hanging} earlier requests still hang", retriable=True)

    def _client(self, timeout: float) -> together.Together:
        return together.Together(
            api_key=self._api_key,
            base_url=self._base_url,  # the SDK adds /v1
            max_retries=0,
            # A redirect could carry the prompt to another host.
            http_client=together.DefaultHttpxClient(timeout=timeout, follow_redirects=False),
        )

    def _run(self, client: together.Together, question: Question, call: _Call) -> None:
        try:
            call.completion = client.chat.completions.create(
                model=self.model,
                messages=cast("Any", [{"role": line.role, "content": line.text} for line in question.lines]),
                max_tokens=question.max_tokens,
                temperature=0.2,
                response_format=cast("Any", _response_format(question)),
            )
        except Exception as error:  # noqa: BLE001 - told to the asking thread
            call.error = error
        finally:
            call.ended.set()
            client.close()


def _response_format(question: Question) -> dict[str, Any]:
    return {
        "type": "json_schema",
        "json_schema": {"name": "explanation", "schema": dict(question.schema), "strict": True},
    }


def _told(error: Exception) -> ProviderError:
    """Turn whatever the SDK raised into our error; bodies stay out of it, they may repeat prompt or key."""
    if isinstance(error, together.APIStatusError):
        status = error.status_code
        retriable = status in _AGAIN or status >= _SERVER_ERROR
        return ProviderError(
            f"HTTP status {status}",
            retriable=retriable,
            retry_after=_retry_after(error),
            hopeless=status in _HOPELESS,
        )
    if isinstance(error, together.APITimeoutError):
        return ProviderError("no answer in time", retriable=True)
    if isinstance(error, together.APIConnectionError):
        return ProviderError("no connection, or one that broke off", retriable=True)
    return ProviderError(f"an answer that cannot be read ({type(error).__name__})", retriable=True)


def _retry_after(error: together.APIStatusError) -> float | None:
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _answer(completion: object) -> Answer:
    # An HTML page comes back as a str, an empty object without choices: look before reading.
    choices = getattr(completion, "choices", None)
    if not isinstance(choices, list) or not choices:
        raise ProviderError("an answer without choices", retriable=True)
    content = getattr(getattr(choices[0], "message", None), "content", None)
    if not isinstance(content, str) or not content:
        raise ProviderError("an answer without content", retriable=True)
    usage = getattr(completion, "usage", None)
    prompt, answer = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    return Answer(content[:MAX_ANSWER_CHARACTERS], prompt, answer)


def _count(usage: object, name: str) -> int:
    count = getattr(usage, name, 0)
    return count if type(count) is int and 0 <= count < 2**31 else 0
