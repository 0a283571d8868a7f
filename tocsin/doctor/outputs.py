"""Looks whether webhooks and mail can be reached, and sends them a test message if asked to."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from explainer.errors import ExplainerError
from explainer.outputs.errors import DeliveryError, OutputError
from explainer.outputs.notices import Notice
from explainer.outputs.senders import sender_of
from explainer.settings import ExplainerSettings
from runtime.settings import SettingsError, load_settings
from tocsin.doctor.finding import Finding, bad, good, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explainer.outputs.rules import Output

_NAME = "outputs"
_PATIENCE_S = 5.0
_PORTS = {"http": 80, "https": 443}
TEST_NOTICE = Notice(
    title="🔔 Tocsin: a test message", text="Sent by tocsin doctor --send. No machine is in trouble.", news="test"
)


def findings(*, send: bool = False) -> Iterator[Finding]:
    """Look at each output of the file; addresses are shown nowhere, they may hold passwords.

    Args:
        send: whether each is sent a test message; else web hosts are only reached, mail is not.
    """
    try:
        outputs = load_settings(ExplainerSettings).outputs(os.environ)
    except (SettingsError, ExplainerError) as error:
        yield bad(_NAME, str(error), "correct the settings")
        return
    if not outputs:
        yield skipped(_NAME, "none are set: alerts are told on the bus alone", "TOCSIN_OUTPUTS_FILE names a file")
    for output in outputs:
        yield _tried(output) if send else _reached(output)


def _tried(output: Output) -> Finding:
    name = _title(output)
    try:
        sender_of(output).send(TEST_NOTICE)
    except (DeliveryError, OutputError) as error:
        return bad(name, f"took no test message: {error}", "check its address, its token and the way there")
    return good(name, f"took a test message ({output.kind})")


def _reached(output: Output) -> Finding:
    name = _title(output)
    if output.kind == "apprise":
        try:
            sender_of(output)
        except OutputError as error:
            return bad(name, str(error), "see github.com/caronc/apprise for addresses")
        return good(name, "its address is understood; --send tries it")
    try:
        parts = urlsplit(output.url)
        address = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
        with socket.create_connection(address, timeout=_PATIENCE_S):
            pass
    except (OSError, ValueError) as error:
        return bad(name, f"its host is not reached: {type(error).__name__}", "check its address and the network")
    return good(name, f"its host is reached ({output.kind}); --send tries it")


def _title(output: Output) -> str:
    return f"output {output.name}"
