"""Looks at every request before anything else does: host name, login, where it comes from, how long it is.

Without a login the page answers only to names of this machine: a foreign page whose name was made to point here (DNS
rebinding) is refused. What changes something must be JSON and, from a browser, sent by our own page.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from web.api.replies import problem
from web.gate import COOKIE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from web.gate import Gate

MAX_BODY_BYTES = 65_536
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN_PATHS = ("/static/", "/login", "/api/v1/session", "/favicon.ico")
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """Wraps the app.

    Args:
        app: what is guarded.
        gate: knows who may come in.
        names: host names it may be called by while there is no login.
        https: say that it must only be reached over HTTPS.
    """

    def __init__(self, app: ASGIApp, gate: Gate, names: frozenset[str], *, https: bool) -> None:
        self._app = app
        self._gate = gate
        self._names = names
        self._security = SECURITY | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._security.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        scope.setdefault("state", {})["user"] = self._gate.who(_cookie(headers), headers.get("authorization"))
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, secured)
            return
        await self._app(scope, _bounded(receive), secured)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        host = headers.get("host", "")
        if not self._gate.closed and _host_name(host) not in self._names:
            return problem(
                421, f"{host[:100]!a}: this page answers to the names of its own machine; see TOCSIN_WEB_NAMES"
            )
        if self._gate.closed and scope["state"]["user"] is None and not scope["path"].startswith(_OPEN_PATHS):
            if scope["path"].startswith(("/api/", "/metrics")):
                return problem(401, "log in first", headers={"WWW-Authenticate": "Bearer"})
            return _to_login
        return None if scope["method"] in SAFE_METHODS else _unsafe_refusal(headers, host)


def _unsafe_refusal(headers: Headers, host: str) -> ASGIApp | None:
    origin = headers.get("origin")
    foreign = origin is not None and _net_location(origin) != host.lower()
    if foreign or headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return problem(403, "another page sent this; only our own may")
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        return problem(413, f"expected at most {MAX_BODY_BYTES} bytes")
    is_empty = length == "0" and "transfer-encoding" not in headers
    if not is_empty and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return problem(415, "expected application/json")
    return None


async def _to_login(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 303,
            "headers": [(b"location", b"/login"), (b"cache-control", b"no-store")],
        }
    )
    await send({"type": "http.response.body", "body": b""})


def _bounded(receive: Receive) -> Receive:
    """Cut off a body that is longer than it may be, also one that did not say its length."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message: dict[str, Any] = dict(await receive())
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                return {"type": "http.disconnect"}
        return message

    return bounded


def _cookie(headers: Headers) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value


def _net_location(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
