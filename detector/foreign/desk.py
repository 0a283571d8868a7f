"""Takes foreign messages: recognises them, joins them, and knows who is there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.errors import DecodeError
from detector.foreign.allowed_silence import AllowedSilence
from detector.foreign.board import NoticeBoard
from detector.foreign.profile_watch import ProfileWatch
from detector.rows.time_units import HOUR_S
from devices.bounded import Bounded
from devices.profiles.document import ProfileError
from devices.profiles.filters import topic_filters
from devices.profiles.profile import ProfileFile, seconds
from devices.recognizer import Recognizer
from devices.semantics.interpreter import Interpreter
from devices.semantics.memory import Notice
from devices.semantics.presence import Presence
from devices.semantics.waking import Waker
from runtime.logs import get_logger

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.topics import Topics
    from detector.store.foreign_book import ForeignBook
    from detector.store.state import StateFile
    from devices.semantics.memory import Ready
    from devices.semantics.presence import Absence
    from devices.telegram import Telegram
    from runtime.bus import Message

_LETTER_EVERY_S = HOUR_S
_WRONG_FILE = "profiles"
_log = get_logger("detector.foreign")


class ForeignDesk:
    """Reads foreign messages as a profile file says.

    Args:
        state: the open state file.
        path: of the profile file.
        optional: it may be missing; then nothing foreign is listened to until it appears.
        topics: ours, which are left out.

    Attributes:
        state: the state file.
        counts: what became of the messages that gave no reading.
        board: what the user should know.
        must_hear_again: topics mean something else than before, so what the broker keeps is to be heard once more.
    """

    def __init__(self, state: StateFile, path: Path, topics: Topics, *, optional: bool = False) -> None:
        self.state = state
        self._profiles = ProfileWatch(path, optional=optional)
        self._topics = topics
        self._file = ProfileFile()
        self._allowed_silence = AllowedSilence()
        self._letters: Bounded[str, float] = Bounded(10_000)
        self.board = NoticeBoard()
        self.must_hear_again = False
        self._use(self._file)

    @property
    def filters(self) -> tuple[str, ...]:
        """The topic filters that the profiles name; none when there is no file."""
        return topic_filters(self._file)

    def load(self) -> None:
        """Read the profile file.

        Raises:
            ProfileError: it is wrong; every error is named with its line.
        """
        file = self._profiles.first()
        if file is not None:
            self._use(file)

    def recover(self) -> None:
        """Remember what was known before a restart."""
        book = self._book()
        for device, state in book.devices():
            self.interpreter.restore(device, state)
        self._read_births(book)
        self.board.recover(book)

    def reload(self, now: float, *, at_once: bool = False) -> bool:
        """Read the profile file again when it has changed, and tell so; a file that is wrong changes nothing."""
        try:
            file = self._profiles.changed(now, at_once=at_once)
        except ProfileError as error:
            _log.error("profiles not taken over; the old ones stay", reason=str(error))
            words = f"not taken over, the old profiles stay: {error}"
            self.interpreter.notices.append(Notice(self._profiles.path.name, _WRONG_FILE, words))
            return False
        if file is None:
            return False
        self.board.take_down(_WRONG_FILE)
        before, presence, recognizer = self.interpreter, self.presence, self._recognizer
        self._use(file)
        self.must_hear_again = not self._recognizer.inherit(recognizer)
        self.interpreter.inherit(before)
        self.presence.inherit(presence)
        self._read_births(self._book())
        _log.info("profiles taken over", file=str(self._profiles.path), profiles=len(file.profiles))
        return True

    def take(self, message: Message) -> list[Ready]:
        """Read one message; return the readings that are complete.

        Raises:
            DecodeError: it cannot be read; at most once an hour for one topic.
        """
        now = message.received_at.timestamp()
        telegram = self._recognizer.read(message.topic, message.payload, message.received_at, retained=message.retained)
        self.counts[telegram.kind] = self.counts.get(telegram.kind, 0) + 1
        if telegram.kind == "dead_letter":
            self._refuse(message, telegram, now)
            return []
        if telegram.online and telegram.format == "sparkplug_b" and telegram.kind == "telemetry":
            self._book().keep_birth(message.topic, message.payload)
        self.waker.note(message.topic, telegram)
        self.presence.note(telegram, now, message.topic)
        if telegram.kind == "telemetry" and not message.retained:
            for reading in telegram.readings:
                self.presence.heard(reading.device, telegram.format, message.topic)
                self._allowed_silence.heard(reading.device)
        return self.interpreter.take(telegram, message.received_at, retained=message.retained, topic=message.topic)

    def due(self, now: float) -> list[Ready]:
        """Return the readings whose join window is over."""
        return self.interpreter.due(now)

    def noticed(self, at: datetime) -> list[Notice]:
        """Take the notices, said and counted."""
        notices = self.interpreter.notices
        if notices:
            self.interpreter.notices = []
            self.board.pin(notices, at)
            for notice in notices:
                _log.warning(notice.words, device=notice.device, reason=notice.reason)
                self.counts[notice.reason] = self.counts.get(notice.reason, 0) + 1
        return notices

    def absences(self, now: float) -> list[Absence]:
        """Return whom to call silent now, one for a gateway with all that comes through it."""
        return self.presence.due(now, self.interpreter.memories.topics())

    def overdue(self, now: float) -> list[str]:
        """Return devices that have been silent for longer than the profile file allows them."""
        memories = self.interpreter.memories.by_device.items()
        return self._allowed_silence.overdue(now, ((name, memory.heard_at) for name, memory in memories), self.muted)

    def muted(self, device: str) -> bool:
        """Tell whether a device's silence is explained by its gateway's."""
        memory = self.interpreter.memories.by_device.get(device)
        return memory is not None and self.presence.muted_by(device, memory.language, memory.topic) is not None

    def excused(self, device: str) -> bool:
        """Tell whether the learned interval says nothing: the gateway is gone, or the profile file rules."""
        known = device in self.interpreter.memories.by_device
        return known and (self._allowed_silence.of(device) is not None or self.muted(device))

    def flush(self) -> None:
        """Store what has changed, in the caller's transaction."""
        memories = self.interpreter.memories
        changed, memories.changed = memories.changed, set()
        if changed:
            book = self._book()
            book.keep((name, memories.state(name)) for name in changed if name in memories.by_device)
            book.forget(name for name in changed if name not in memories.by_device)
        self.board.flush(self._book())

    def _use(self, file: ProfileFile) -> None:
        self._file = file
        self._recognizer = Recognizer.of(file, self._topics.prefix)
        self.interpreter = Interpreter(file)
        self.presence = Presence(seconds(file.offline_grace), file.overrides)
        self.waker = Waker(file.allow_write)
        self.counts: dict[str, int] = {}
        self._allowed_silence.rule(file.overrides)

    def _book(self) -> ForeignBook:
        return self.state.foreign

    def _read_births(self, book: ForeignBook) -> None:
        for topic, payload in book.births():
            self._recognizer.read(topic, payload, datetime.now(UTC))

    def _refuse(self, message: Message, telegram: Telegram, now: float) -> None:
        said_at = self._letters.get(message.topic)
        if said_at is not None and now - said_at < _LETTER_EVERY_S:
            return
        self._letters[message.topic] = now
        expected = telegram.reason or "a message of a known kind"
        raise DecodeError("foreign", field="payload", expected=expected, payload=message.payload)
