"""Replay state: how far an interrupted replay came, in a small file."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from producer.replay.terms import ReplayOptions


class FilePosition(msgspec.Struct, kw_only=True):
    """The broker has taken the readings of a file's first `rows` rows: `readings` of them."""

    rows: int = 0
    readings: int = 0
    complete: bool = False


class ReplayState(msgspec.Struct, kw_only=True):
    """A replay that can go on: `key` says with which files and options, `start` what timeless rows count from."""

    key: str
    run: str
    start: datetime
    files: list[FilePosition]

    @property
    def readings(self) -> int:
        """Readings of the run that the broker has taken."""
        return sum(file.readings for file in self.files)


def replay_key(files: Sequence[Path], options: ReplayOptions) -> str:
    """Names what is replayed: the files with their sizes and times of change, and how they are read."""
    stats = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return blake2b(repr((stats, options.layout, options.device)).encode(), digest_size=16).hexdigest()


def load_state(path: Path | None, key: str) -> ReplayState | None:
    """The state of an interrupted replay of the same files; None if there is none that can go on."""
    if path is None:
        return None
    try:
        state = msgspec.json.decode(path.read_bytes(), type=ReplayState)
    except (OSError, msgspec.DecodeError):
        return None
    return state if state.key == key else None


def save_state(path: Path | None, state: ReplayState) -> None:
    """Write the state so that a crash leaves the old or the new one."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(msgspec.json.encode(state))
    fresh.replace(path)


def forget_state(path: Path | None) -> None:
    """Remove the state of a replay that is complete: the next one is a new run."""
    if path is not None:
        path.unlink(missing_ok=True)
