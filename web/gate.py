"""Who is let in: nobody is asked on loopback; elsewhere a token, or a user's name and password.

A session is a signed cookie, `name|expiry|signature`. The key follows from the secrets: who changes a password or the
token ends the sessions that it opened.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from web.users import is_password

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COOKIE = "tocsin_session"
SESSION_S = 7 * 24 * 3600
_TRIES = 10
_TRIES_WITHIN_S = 60.0
_TOKEN_USER = "operator"  # noqa: S105 - a name, no secret


class TooManyTriesError(Exception):
    """Logins failed too often; trying again is possible after a minute."""


@dataclass(slots=True)
class Gate:
    """Checks logins.

    Args:
        token: lets in whoever knows it.
        users: name to `salt:hash`.
        clock: seconds since 1970.
    """

    token: str | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    _failures: list[float] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        """Tell whether a login is asked for."""
        return self.token is not None or bool(self.users)

    @property
    def method(self) -> str:
        """Say what a login takes: `none`, `token` or `password`."""
        if self.users:
            return "password"
        return "token" if self.token is not None else "none"

    def enter(self, *, token: str | None, name: str | None, password: str | None) -> str | None:
        """Return the cookie of a new session, None when the secret is wrong. Takes as long for an unknown name.

        Raises:
            TooManyTriesError: ten failed within a minute.
        """
        now = self.clock()
        self._failures = [at for at in self._failures if now - at < _TRIES_WITHIN_S]
        if len(self._failures) >= _TRIES:
            raise TooManyTriesError("too many failed logins: try again in a minute")
        user = self._user(token, name, password)
        if user is None:
            self._failures.append(now)
            return None
        return self._signed(user, int(now) + SESSION_S)

    def who(self, cookie: str | None, authorization: str | None) -> str | None:
        """Name the one who sends this cookie or `Bearer` token, None for a stranger."""
        if authorization is not None and authorization.lower().startswith("bearer ") and self.token is not None:
            return _TOKEN_USER if _same(authorization[7:].strip(), self.token) else None
        return None if cookie is None else self._from_cookie(cookie)

    def _user(self, token: str | None, name: str | None, password: str | None) -> str | None:
        if token is not None and self.token is not None and _same(token, self.token):
            return _TOKEN_USER
        if name is not None and password is not None and self.users and is_password(self.users, name, password):
            return name
        return None

    def _signed(self, user: str, expiry: int) -> str:
        text = f"{urlsafe_b64encode(user.encode()).decode()}|{expiry}"
        return f"{text}|{self._signature(user, text)}"

    def _from_cookie(self, cookie: str) -> str | None:
        text, _, signature = cookie.rpartition("|")
        encoded, _, expiry = text.partition("|")
        try:
            user, ends = urlsafe_b64decode(encoded.encode()).decode(), int(expiry)
        except ValueError:
            return None
        if not _same(signature, self._signature(user, text)) or ends < self.clock():
            return None
        return user if user in self.users or (user == _TOKEN_USER and self.token is not None) else None

    def _signature(self, user: str, text: str) -> str:
        secret = self.users.get(user) or f"token:{self.token}"
        key = hashlib.sha256(f"tocsin session:{secret}".encode()).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
