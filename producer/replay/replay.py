"""Replay: recorded files are published as readings, in the order of their rows."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from producer.pacing import Pacer
from producer.publisher import Publisher
from producer.recordings.conversion import Origin
from producer.recordings.names import printable, unique_names
from producer.recordings.recording import open_recording
from producer.recordings.text_file import TextFile
from producer.replay.playback import Playback
from producer.replay.sender import Sender
from producer.replay.state import FilePosition, ReplayState, load_state, replay_key
from producer.replay.terms import ReplayOptions, ReplayProgress, ReplaySummary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from contracts.topics import Topics
    from runtime.bus import Bus

_SUFFIXES = (".gz", ".csv", ".tsv", ".txt", ".dat", ".json", ".jsonl", ".ndjson", ".log")


def replay(  # noqa: PLR0913, PLR0917 - the last two may be left out
    files: Sequence[Path],
    options: ReplayOptions,
    bus: Bus,
    topics: Topics,
    progress: ReplayProgress | None = None,
    stop: threading.Event | None = None,
) -> ReplaySummary:
    """Publish recorded files as the readings of one run.

    All files are looked at before the first reading goes out. A replay that is stopped or killed goes on where the
    broker's acknowledgements stood when it is called with the same files and state file again.

    Args:
        files: in this order, each to its end.
        options: how.
        bus: started, and subscribed to the detectors' statuses, `topics.every("services/detector")`, and their dead
            letters, `topics.deadletters("detector")`.
        topics: names.
        progress: told how it gets on.
        stop: set it, from a signal handler or another thread, to end early.

    Raises:
        RecordingError: a file cannot be read; nothing was sent.
        ReplayRefusedError: the broker refuses readings.
    """
    known, state = _state(files, options)
    devices = [options.device] * len(files) if options.device else device_names(files)
    sources = [
        (path, Origin(device, state.run, state.start, options.layout.interval_s))
        for path, device in zip(files, devices, strict=True)
    ]
    for path, origin in sources:
        with TextFile(path) as file:
            open_recording(file, origin, options.layout)
    pacer = Pacer(state.run, options.max_ahead, sent=state.readings)
    publisher = Publisher(bus, topics)
    sender = Sender(bus, publisher, pacer, stop or threading.Event(), needs_detector=options.wait_for_detector)
    progress = progress or ReplayProgress()
    sender.on_waiting = progress.waiting
    progress.started(state.run, files, resumed=known)
    began = time.monotonic()
    playback = Playback(options, state, sender, progress)
    complete = playback.all(sources)
    return ReplaySummary(
        run=state.run,
        resumed=known,
        complete=complete,
        files=tuple(playback.files),
        sent=publisher.published,
        acknowledged=publisher.acknowledged,
        taken=pacer.taken,
        given_up=pacer.given_up,
        unusable=pacer.unusable,
        refused=publisher.refused_truths,
        seconds=time.monotonic() - began,
    )


def device_names(files: Sequence[Path]) -> list[str]:
    """A device for each file: its name without endings, with its folder's name before all where two are alike."""
    names = [_stem(path) for path in files]
    if len(set(names)) < len(names):
        names = [printable(f"{path.resolve().parent.name}-{stem}") for path, stem in zip(files, names, strict=True)]
    return list(unique_names(names))


def _stem(path: Path) -> str:
    name = path.name
    while name.lower().endswith(_SUFFIXES) and "." in name[1:]:
        name = name.rpartition(".")[0]
    return printable(name) or "recording"


def _state(files: Sequence[Path], options: ReplayOptions) -> tuple[bool, ReplayState]:
    """Whether an interrupted replay goes on, and its state or a new one."""
    key = replay_key(files, options)
    known = load_state(options.state, key)
    if known is not None and options.run in (None, known.run):
        return True, known
    now = datetime.now(UTC)
    run = options.run or f"{_stem(files[0])[:32]}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    return False, ReplayState(key=key, run=run, start=options.start or now, files=[FilePosition() for _ in files])
