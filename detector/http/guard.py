"""What stands before the routes: whom the server is called, who may ask, how much may be sent."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from starlette.exceptions import HTTPException

from detector.http.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may ask what.

    Attributes:
        names: what the server may be called beside localhost; None for anything. A page in a browser whose own name was
            made to point here calls it by that name, and is refused.
        token: that every request must carry as `Authorization: Bearer …`; None for none.
        most_bytes: of a request's body.
    """

    names: frozenset[str] | None
    token: str | None
    most_bytes: int


class Guard:
    """Refuses what breaks the rules before anything is read."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self._check(headers, scope["path"])
        except RequestError as error:
            await _refuse(send, error)
            return
        await self._app(scope, self._limited(receive), send)

    def _check(self, headers: Mapping[str, str], path: str) -> None:
        rules = self._rules
        host = headers.get("host", "")
        if rules.names is not None and not {host, host.rpartition(":")[0]} & (_LOOPBACK | rules.names):
            raise RequestError(400, f"this server is not called {host[:100]!r}: TOCSIN_HTTP_NAMES says how it is")
        if rules.token is not None and path != "/health":
            given = headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {rules.token}".encode()):
                raise RequestError(401, "the header `Authorization: Bearer …` with the server's token is missing")
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > rules.most_bytes:
            raise RequestError(413, f"{length} bytes: at most {rules.most_bytes} are taken")

    def _limited(self, receive: Receive) -> Receive:
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._rules.most_bytes:
                # FastAPI lets no other error out of the reading of a body
                raise HTTPException(413, f"at most {self._rules.most_bytes} bytes are taken")
            return message

        return limited


async def _refuse(send: Send, error: RequestError) -> None:
    body = msgspec.json.encode({"detail": error.detail})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if error.status == 401:  # noqa: PLR2004 - unauthorized
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
