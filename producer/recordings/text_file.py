"""Text lines of a file, plain or gzip, in whatever encoding; the position tells how far the reading has come."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from producer.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

_GZIP = b"\x1f\x8b"
_SAMPLE_BYTES = 65_536
_PIECE_BYTES = 1_024
MAX_LINE_CHARACTERS = 1_048_576


class TextFile:
    """Lines of a file; a context manager.

    Lines keep their ends. Bytes that are not of the encoding become lone surrogates, which `is_text` finds.

    Args:
        path: of the file; gzip is known by its first bytes, not by its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.encoding = "utf-8"
        self.cut_short: str | None = None
        self._raw: BinaryIO | None = None
        self._text: io.TextIOWrapper | None = None

    def __enter__(self) -> Self:
        try:
            self.size = self.path.stat().st_size
            sample = self._sample()
            self._raw = self.path.open("rb")
        except (OSError, EOFError, zlib.error) as error:
            raise RecordingError(f"{self.path}: {error}") from error
        self.encoding = _encoding(sample)
        if b"\0" in sample and not self.encoding.startswith("utf-16"):
            self.close()
            raise RecordingError(f"{self.path}: not a text file")
        self._text = io.TextIOWrapper(
            self._unpacked(self._raw), encoding=self.encoding, errors="surrogateescape", newline=""
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._text is not None:
            self._text.close()
        if self._raw is not None:
            self._raw.close()

    @property
    def fraction(self) -> float:
        """How much of the file was read, 0 to 1."""
        return self._raw.tell() / self.size if self._raw is not None and self.size and not self._raw.closed else 1.0

    def lines(self) -> Iterator[str]:
        """All lines; ends early, with `cut_short` saying why, where compressed bytes are damaged."""
        assert self._text is not None, "used outside of with"  # noqa: S101
        try:
            while line := self._text.readline(MAX_LINE_CHARACTERS):
                yield line
        except (OSError, EOFError, zlib.error) as error:
            self.cut_short = f"the file is damaged from here on: {error}"

    def _sample(self) -> bytes:
        with self.path.open("rb") as raw:
            return _first_bytes(self._unpacked(raw))

    def _unpacked(self, raw: BinaryIO) -> BinaryIO:
        start = raw.read(len(_GZIP))
        raw.seek(0)
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if start == _GZIP else raw


def _first_bytes(file: BinaryIO) -> bytes:
    """The start of a file, as much of it as is sound."""
    sample = b""
    with suppress(EOFError, zlib.error):
        while len(sample) < _SAMPLE_BYTES and (piece := file.read(_PIECE_BYTES)):
            sample += piece
    return sample


def is_text(line: str) -> bool:
    """Whether all bytes of a line were of the file's encoding."""
    if line.isascii():
        return True
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _encoding(sample: bytes) -> str:
    """UTF-8 unless a byte order mark, or the lack of any sound UTF-8 beyond ASCII, says otherwise."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    lines = sample.splitlines()
    if len(sample) >= _SAMPLE_BYTES:
        lines = lines[:-1]  # it may be cut within a character
    special = [line for line in lines if not line.isascii()]
    sound = sum(map(_is_utf8, special))
    return "cp1252" if special and not sound else "utf-8"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
