"""A model server that misbehaves on demand: real HTTP, for the tests of whoever asks models."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GOOD_ANSWER = {
    "label": "temperature above its usual range",
    "reason": "temperature is 95.25 °C, above the expected 70.1 °C.",
    "causes": [{"cause": "a blocked cooler", "confidence": 0.6}, {"cause": "overload", "confidence": 0.2}],
    "actions": ["Look at the cooler", "Compare with a second instrument"],
}


@dataclass(slots=True)
class Exchange:
    """One request and the means to answer it; `stopping` is set when the server goes."""

    handler: BaseHTTPRequestHandler
    body: dict[str, Any]
    stopping: threading.Event

    def send(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None, length: int | None = None
    ) -> None:
        """Answer; a `length` other than the body's own cuts the answer short."""
        self.handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.handler.send_header(name, value)
        self.handler.send_header("Content-Length", str(len(body) if length is None else length))
        self.handler.end_headers()
        self.handler.wfile.write(body)


def completion(content: str | None) -> bytes:
    """Write a chat completion as such servers do."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": 400, "completion_tokens": 100, "total_tokens": 500}
    whole = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
    return json.dumps(whole).encode()


def says(text: str | None) -> Callable[[Exchange], None]:
    """Answer properly, with this content."""
    return lambda exchange: exchange.send(200, completion(text))


def answers(answer: Mapping[str, Any] = GOOD_ANSWER, **changes: object) -> Callable[[Exchange], None]:
    """Answer with an explanation, some of its fields changed."""
    return says(json.dumps({**answer, **changes}))


def status(code: int, headers: Mapping[str, str] | None = None) -> Callable[[Exchange], None]:
    """Answer with an error status."""
    body = json.dumps({"error": {"message": "no", "type": "error"}}).encode()
    return lambda exchange: exchange.send(code, body, headers)


def body(raw: bytes, content_type: str = "application/json") -> Callable[[Exchange], None]:
    """Answer 200 with these bytes."""
    return lambda exchange: exchange.send(200, raw, {"Content-Type": content_type})


def cut(exchange: Exchange) -> None:
    """Promise a whole answer and break off in its middle."""
    whole = completion(json.dumps(GOOD_ANSWER))
    exchange.send(200, whole[: len(whole) // 2], length=len(whole))


def hang(exchange: Exchange) -> None:
    """Take the request and say nothing."""
    exchange.stopping.wait()


def drip(exchange: Exchange) -> None:
    """Answer a byte at a time, so that no single read is slow."""
    whole = completion(json.dumps(GOOD_ANSWER))
    exchange.send(200, b"", length=len(whole))
    for index in range(len(whole)):
        exchange.handler.wfile.write(whole[index : index + 1])
        exchange.handler.wfile.flush()
        if exchange.stopping.wait(0.1):
            return


def drop(exchange: Exchange) -> None:
    """Close the connection without a word."""
    exchange.handler.close_connection = True


@dataclass
class LlmServer:
    """Serves chat completions; request n gets behaviour n, the last one goes on for ever.

    Attributes:
        requests: bodies of the requests so far.
        paths: their paths.
        authorizations: their `Authorization` headers.
    """

    behaviours: list[Callable[[Exchange], None]]
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="llm-server", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def _note(self, handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> Callable[[Exchange], None]:
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
            self.paths.append(handler.path)
            self.authorizations.append(handler.headers.get("Authorization"))
        return self.behaviours[min(number, len(self.behaviours) - 1)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                behaviour = server._note(self, request)
                try:
                    behaviour(Exchange(self, request, server._stopping))
                except OSError:
                    self.close_connection = True  # the client gave up

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Handler
