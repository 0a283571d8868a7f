"""How a notice gets to an output: webhooks by HTTP, everything else by Apprise."""

from __future__ import annotations

import base64
import email.utils
import http.client
import json
import logging
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec

from explainer.outputs.errors import DeliveryError, OutputError
from runtime.version import version

if TYPE_CHECKING:
    from explainer.outputs.notices import Notice
    from explainer.outputs.rules import Output

TIMEOUT_S = 10.0
_PRIORITY = {"info": 2, "minor": 3, "major": 4, "critical": 5}
_TAGS = {"closed": "white_check_mark", "digest": "bar_chart"}
_LATER = frozenset({408, 409, 423, 425, 429})
_SERVER_ERROR = 500
_MAX_NTFY = 3_500


class Sender(ABC):
    """Takes notices to one output."""

    @abstractmethod
    def send(self, notice: Notice) -> None:
        """Deliver a notice.

        Raises:
            DeliveryError: it was not taken.
        """


class WebhookSender(Sender):
    """Posts JSON: our own, or as Slack or ntfy want it. A redirection is an error: a secret must not go elsewhere."""

    def __init__(self, output: Output, timeout: float = TIMEOUT_S) -> None:
        self._output = output
        self._timeout = timeout

    def send(self, notice: Notice) -> None:
        """Post a notice."""
        url, headers = _address(self._output)
        if self._output.kind == "ntfy":
            url, body = _ntfy(url, notice)
        else:
            body = _slack(notice) if self._output.kind == "slack" else msgspec.json.encode(notice)
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - http(s), as the rules check
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=self._timeout):
                pass
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise DeliveryError(f"not reached: {type(reason).__name__}") from None


class AppriseSender(Sender):
    """Hands notices to Apprise, which speaks mail and a hundred services.

    Raises:
        OutputError: Apprise does not know such an address.
    """

    def __init__(self, output: Output) -> None:
        import apprise  # noqa: PLC0415 - half a second that only its users shall pay

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would write addresses
        self._apprise = apprise.Apprise()
        if not self._apprise.add(output.url):
            raise OutputError(f"output {output.name!r}: Apprise does not know such an address")

    def send(self, notice: Notice) -> None:
        """Deliver a notice."""
        if not self._apprise.notify(title=notice.title, body=notice.text or notice.title, body_format="text"):
            raise DeliveryError("Apprise could not deliver it")


def sender_of(output: Output) -> Sender:
    """Make the sender of an output.

    Raises:
        OutputError: its address cannot be used.
    """
    return AppriseSender(output) if output.kind == "apprise" else WebhookSender(output)


def _address(output: Output) -> tuple[str, dict[str, str]]:
    """Take the account out of an address and put it into a header."""
    parts = urlsplit(output.url)
    headers = {"Content-Type": "application/json", "User-Agent": f"tocsin/{version()}"}
    if output.token is not None:
        headers["Authorization"] = f"Bearer {output.token}"
    elif parts.username is not None:
        account = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(account.encode()).decode()}"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), headers


def _slack(notice: Notice) -> bytes:
    title, text = (_escaped(one) for one in (notice.title, notice.text))
    return json.dumps({"text": f"*{title}*\n{text}".strip()}).encode()


def _escaped(text: str) -> str:
    """Write text so that Slack shows it as it is: these three alone mean something to it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _ntfy(url: str, notice: Notice) -> tuple[str, bytes]:
    """Publish as JSON, at the server's root: a header could not hold every title."""
    parts = urlsplit(url)
    base, _, topic = parts.path.rstrip("/").rpartition("/")
    message: dict[str, Any] = {
        "topic": unquote(topic),
        "title": notice.title,
        "message": (notice.text or notice.title)[:_MAX_NTFY],
        "priority": _PRIORITY[notice.severity],
        "tags": [_TAGS.get(notice.news, "rotating_light")],
    }
    return urlunsplit(parts._replace(path=base + "/")), json.dumps(message).encode()


def _refused(error: urllib.error.HTTPError) -> DeliveryError:
    later = error.code in _LATER or error.code >= _SERVER_ERROR
    return DeliveryError(
        f"HTTP status {error.code}", hopeless=not later, retry_after=_seconds(error.headers.get("Retry-After"))
    )


def _seconds(words: str | None) -> float | None:
    """Read Retry-After: seconds, or a date."""
    if not words:
        return None
    try:
        return max(0.0, float(words))
    except ValueError:
        pass
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(words) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 - as declared
        """Follow nothing."""
