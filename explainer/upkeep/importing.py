"""Takes parts of an export into the book; they come as commands, because the explainer is its only writer."""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from storage.errors import ImportLineError
from storage.importing import take_in
from storage.interchange import read_line

if TYPE_CHECKING:
    from contracts.service import Command
    from explainer.messages.orders import Reply
    from storage.book import AlertBook

MAX_PART_BYTES = 4 * 2**20


class Importing:
    """Carries out `import` (arguments: `lines`, base64 of zlib of lines of an export).

    Args:
        book: the database.
    """

    def __init__(self, book: AlertBook) -> None:
        self._book = book

    def carry_out(self, command: Command, reply: Reply) -> None:
        """Store a part, and reply how much of it was new.

        Raises:
            UnavailableError: the database cannot be used now.
        """
        try:
            lines = [read_line(line) for line in _unpacked(command).splitlines() if line.strip()]
            with self._book.writing() as entry:
                imported = take_in(entry.connection, lines)
        except ImportLineError as error:
            reply.refuse(str(error)[:500])
        else:
            reply.done(**asdict(imported))


def packed(lines: bytes) -> str:
    """Pack lines for the command."""
    return base64.b64encode(zlib.compress(lines)).decode()


def _unpacked(command: Command) -> bytes:
    """Unpack at most 4 MiB: a part of a few bytes could stand for gigabytes."""
    text = (command.arguments or {}).get("lines")
    if not isinstance(text, str):
        raise ImportLineError("expected arguments {'lines': base64 of zlib}")
    try:
        unpacker = zlib.decompressobj()
        lines = unpacker.decompress(base64.b64decode(text, validate=True), MAX_PART_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise ImportLineError(f"lines: expected base64 of zlib ({error})") from error
    if not unpacker.eof:
        raise ImportLineError(f"lines: cut short, or more than {MAX_PART_BYTES} bytes")
    return lines
