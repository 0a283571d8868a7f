"""What people see: where text goes, what may stand in it, and errors that say what to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130  # the exit code of what Ctrl-C ended before its end
PIPE_WIDTH = 500  # lines of a pipe are for programs: they are never folded


class CommandError(Exception):
    """A command cannot do what was asked: what is wrong, and what to do about it.

    Args:
        problem: one or more lines.
        remedies: each one thing to try.
        code: the exit code; 2 for wrong use, else 1.
    """

    def __init__(self, problem: str, *remedies: str, code: int = 1) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedies = remedies
        self.code = code


def output() -> Console:
    """Return standard output: colours and folded lines on a terminal alone."""
    return _console(stderr=False)


def errors() -> Console:
    """Return standard error, for what is not the answer: errors, progress, remarks."""
    return _console(stderr=True)


def tell_error(error: CommandError) -> None:
    """Say what is wrong and what to do."""
    console = errors()
    console.print(Text.assemble(("Error: ", "bold red"), printable(error.problem)))
    for remedy in error.remedies:
        console.print(Text.assemble(("  → ", "bold"), remedy))


def printable(text: str) -> str:
    """Drop what would steer a terminal: control, bidi and other unprintable characters; line feeds stay."""
    return "".join(c for c in text if c == "\n" or c.isprintable())


def counted(count: int, what: str) -> str:
    """Write so many of something whose plural ends with s."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def listed(names: Sequence[str], most: int) -> str:
    """Name so many, and count the others."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def be_lenient() -> None:
    """Let text that a terminal's encoding does not hold be shown with question marks, not end the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    people = stream.isatty()
    return Console(
        file=stream,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=not people,
        width=None if people else PIPE_WIDTH,
    )
