"""Replays recorded files through the broker, with a bar, and says what became of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.text import Text

from contracts.topics import Topics
from producer.errors import ProducerError
from producer.recordings.layout import LayoutOptions
from producer.replay.replay import replay
from producer.replay.state import forget_state, replay_key
from producer.replay.terms import ReplayOptions
from tocsin.book.alert_database import sqlite_file
from tocsin.broker.listening import AS_OPERATOR, visiting
from tocsin.recordings.acquaintances import known_devices, remark
from tocsin.recordings.replay_screen import ReplayScreen, summary_lines
from tocsin.stop_signals import stopping_by_signal
from tocsin.terminal import INTERRUPTED, CommandError, errors, output, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from tocsin.command_settings import CommandSettings


@dataclass(frozen=True, slots=True)
class Columns:
    """What a person says about the columns of the files; the rest is found."""

    device: str | None = None
    device_column: str | None = None
    time: Sequence[str] = ()
    time_format: str | None = None
    timezone: str | None = None
    interval: float | None = None
    truth: Sequence[str] = ()
    counters: Sequence[str] = ()
    leave_out: Sequence[str] = ()

    def layout(self) -> LayoutOptions:
        """Return it as the reader of recordings takes it.

        Raises:
            CommandError: there is no such time zone, or the interval is not above 0.
        """
        if self.interval is not None and not self.interval > 0:
            raise CommandError(f"--interval {self.interval:g}: expected more than 0 seconds", code=2)
        return LayoutOptions(
            time=tuple(self.time),
            time_format=self.time_format,
            interval_s=self.interval,
            device_column=self.device_column,
            labels=tuple(self.truth),
            counters=tuple(self.counters),
            leave_out=tuple(self.leave_out),
            zone=self.zone(),
        )

    def zone(self) -> tzinfo:
        """Return the zone of times that name none.

        Raises:
            CommandError: there is no such time zone.
        """
        return UTC if self.timezone is None else _zone(self.timezone)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast; at most one of them is set, and none means as fast as the detector takes it.

    `speed` is a number, so many times the recorded pace, or `max`.
    """

    speed: str | None = None
    fastest: bool = False
    recorded: bool = False

    def factor(self) -> float:
        """Return recorded seconds per second.

        Raises:
            CommandError: two of them are set, or the speed is no number above 0.
        """
        if sum((self.speed is not None, self.fastest, self.recorded)) > 1:
            raise CommandError("--speed, --max and --recorded exclude each other", code=2)
        if self.recorded:
            return 1.0
        return math.inf if self.speed in (None, "max") else self._times()

    def _times(self) -> float:
        try:
            times = float(self.speed or "")
        except ValueError:
            times = 0.0
        if not 0 < times < math.inf:
            raise CommandError(f"--speed {self.speed}: expected a number above 0, or max", code=2)
        return times


def replay_files(
    settings: CommandSettings, files: Sequence[Path], columns: Columns, pace: Pace, *, restart: bool
) -> int:
    """Replay files to their ends; return the exit code: 130 when stopped before.

    Raises:
        CommandError: a file cannot be read, there is no broker, or it refuses readings.
    """
    topics = Topics(settings.topic_prefix)
    options = ReplayOptions(layout=columns.layout(), device=columns.device, speed=pace.factor())
    options = _remembering(options, files, settings, restart=restart)
    screen = ReplayScreen(errors())
    if known := known_devices(settings.connection, topics, files, options):
        errors().print(Text(printable(remark(known))), style="yellow")
    try:
        with (
            stopping_by_signal() as stop,
            visiting(settings.connection, [topics.every("services/detector"), topics.deadletters("detector")]) as bus,
            screen,
        ):
            summary = replay(files, options, bus, topics, screen, stop.event)
    except ProducerError as error:
        raise CommandError(str(error), *_remedies(str(error))) from error
    for line in summary_lines(summary):
        output().print(line)
    return 0 if summary.complete else INTERRUPTED


def _remembering(
    options: ReplayOptions, files: Sequence[Path], settings: CommandSettings, *, restart: bool
) -> ReplayOptions:
    """Add the file that remembers how far the replay came, beside the database."""
    key = replay_key(files, options)
    database = sqlite_file(settings.database_url)
    folder = (database.parent if database is not None else Path("data")) / "replay"
    state = folder / f"{key}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if restart:
            forget_state(state)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        errors().print(
            f"{folder} cannot be written ({error.strerror}): an interrupted replay will not go on", style="yellow"
        )
        return options
    return replace(options, state=state)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CommandError(f"--timezone {name!r}: expected a name such as Europe/Berlin", code=2) from None


def _remedies(problem: str) -> list[str]:
    """Name the options that answer a reader's question."""
    if "no time column" in problem:
        return ["name it: --time-column NAME", "or rows at equal distances: --interval SECONDS"]
    if "form of time" in problem:
        return ["say how times are written: --time-format iso, s, ms, or such as '%d.%m.%Y %H:%M'"]
    if "refuses readings" in problem:
        return [f"use an account that may publish readings: {AS_OPERATOR}"]
    return []
