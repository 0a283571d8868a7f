"""Shows what one message says, or a file of them, or what comes on a topic."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.broker.listening import visiting
from tocsin.foreign.telegram_json import telegram_json
from tocsin.foreign.telegram_screen import show_telegram
from tocsin.stop_signals import stopping_by_signal
from tocsin.terminal import CommandError, errors, output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devices.recognizer import Recognizer
    from devices.telegram import Telegram
    from tocsin.command_settings import CommandSettings

_TURN_S = 0.2


def try_one(recognizer: Recognizer, topic: str, payload: str, *, as_json: bool) -> None:
    """Show one message; `@FILE` reads its payload from a file.

    Raises:
        CommandError: that file cannot be read, or nothing could be made of the message.
    """
    telegram = recognizer.read(topic, _payload(payload), datetime.now(UTC))
    _show(topic, telegram, as_json=as_json)


def try_file(recognizer: Recognizer, path: Path, *, as_json: bool) -> None:
    """Show the messages of a JSON-lines file in their order; what one says of the next is kept.

    Raises:
        CommandError: the file cannot be read, or a line is no message.
    """
    for number, topic, payload in _lines(path):
        if topic is None:
            raise CommandError(f"{path}:{number}: {payload.decode()}", code=1)
        _show(topic, recognizer.read(topic, payload, datetime.now(UTC)), as_json=as_json)


def try_live(recognizer: Recognizer, settings: CommandSettings, topic_filter: str, *, as_json: bool) -> None:
    """Show what comes on a topic until Ctrl-C.

    Raises:
        CommandError: there is no broker, or it does not let us in.
    """
    with stopping_by_signal() as stop, visiting(settings.connection, [topic_filter]) as bus:
        errors().print(f"Listening on {topic_filter}; Ctrl-C ends it.", style="dim")
        while not stop.asked:
            for message in bus.receive(100, _TURN_S):
                telegram = recognizer.read(
                    message.topic, message.payload, message.received_at, retained=message.retained
                )
                _show(message.topic, telegram, as_json=as_json)
                bus.ack([message])


def _show(topic: str, telegram: Telegram, *, as_json: bool) -> None:
    console = output()
    if as_json:
        console.out(json.dumps(telegram_json(telegram), ensure_ascii=False), highlight=False)
    else:
        show_telegram(console, topic, telegram)
    console.file.flush()


def _payload(text: str) -> bytes:
    if not text.startswith("@"):
        return text.encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise CommandError(f"cannot read {text[1:]}: {error.strerror}") from error


def _lines(path: Path) -> Iterator[tuple[int, str | None, bytes]]:
    """Yield (line, topic, payload); of a line that is no message, (line, None, why)."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield (number, *_message(line))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot read {path}: {error}") from error


def _message(line: str) -> tuple[str | None, bytes]:
    try:
        entry: Any = json.loads(line)
        topic = entry["topic"]
        if "payload_b64" in entry:
            return str(topic), base64.b64decode(entry["payload_b64"], validate=True)
        payload = entry["payload"]
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None, b'expected {"topic": "...", "payload": "..."}, or "payload_b64" for bytes'
    return str(topic), (payload if isinstance(payload, str) else json.dumps(payload)).encode()
