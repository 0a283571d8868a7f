"""Sends an export to the explainer, part by part."""

from __future__ import annotations

import gzip
from collections import Counter
from typing import TYPE_CHECKING

from explainer.upkeep.importing import MAX_PART_BYTES, packed
from storage.errors import ImportLineError
from storage.interchange import read_line
from tocsin.book.orders import explainer_orders
from tocsin.terminal import CommandError, errors, output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tocsin.command_settings import CommandSettings

PART_BYTES = 256 * 1024
_MAX_PACKED = 60_000  # characters: a command is at most 64 KiB
_PATIENCE_S = 120.0
_GZIP = b"\x1f\x8b"


def import_book(settings: CommandSettings, file: Path) -> None:
    """Send the file and say how much of it was new.

    Raises:
        CommandError: it is no export, or the explainer refuses a part; what was sent before stays imported.
    """
    _check_first(file)
    new: Counter[str] = Counter()
    lines = 0
    with explainer_orders(settings) as explainer:
        for part, count in _parts(file):
            answer = explainer.order("import", {"lines": part}, _PATIENCE_S)
            new.update({name: int(number) for name, number in (answer.result or {}).items()})
            lines += count
            if errors().is_terminal:
                errors().print(f"{lines:,} lines", end="\r")
    found = ", ".join(f"{new[name]:,} {name}" for name in ("alerts", "anomalies", "feedback", "explanations"))
    output().print(f"{lines:,} lines; new: {found}")


def _check_first(file: Path) -> None:
    try:
        first = next(_lines(file), b"")
        read_line(first)
    except (ImportLineError, OSError, EOFError) as error:
        remedy = "CSV is for people and cannot be imported: tocsin export book.jsonl"
        raise CommandError(f"{file}: {error}", remedy) from error


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as plain:
        is_packed = plain.read(2) == _GZIP
        plain.seek(0)
        with gzip.open(plain) if is_packed else plain as stream:
            yield from (line for line in stream if line.strip())


def _parts(file: Path) -> Iterator[tuple[str, int]]:
    waiting: list[bytes] = []
    size = 0
    for line in _lines(file):
        if waiting and size + len(line) > PART_BYTES:
            yield from _packed(waiting)
            waiting, size = [], 0
        waiting.append(line if line.endswith(b"\n") else line + b"\n")
        size += len(line)
    if waiting:
        yield from _packed(waiting)


def _packed(lines: list[bytes]) -> Iterator[tuple[str, int]]:
    """Pack lines, in two parts if they are too long for one."""
    text = b"".join(lines)
    part = packed(text)
    if len(part) <= _MAX_PACKED and len(text) <= MAX_PART_BYTES:
        yield part, len(lines)
    elif len(lines) > 1:
        middle = len(lines) // 2
        yield from _packed(lines[:middle])
        yield from _packed(lines[middle:])
    else:
        raise CommandError(f"a line of {len(text):,} bytes is too long to be sent")
