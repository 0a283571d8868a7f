"""What the demo says: one line that moves at the bottom of a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from rich.text import Text

from tocsin.terminal import output

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tocsin.stop_signals import Stop


class Voice:
    """Prints; when nobody can read it any more (the terminal was closed, the pipe ended) it asks the demo to stop.

    Args:
        stop: asked when printing fails.
    """

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._console = output()
        self._status = self._console.status("")
        self._moving = False
        self._lost = False
        self.for_people = self._console.is_terminal

    def say(self, text: RenderableType = "", style: str | None = None, *, whole: bool = False) -> None:
        """Print something that stays; a command to copy is kept `whole`, however narrow the terminal."""
        if self._lost:
            return
        try:
            self._console.print(text, style=style, soft_wrap=whole or None)
            self._console.file.flush()
        except (OSError, SystemExit):  # rich ends the process when a pipe breaks; the services shall end before
            self._lose()

    def progress(self, words: str) -> None:
        """Show what is going on; on a terminal alone."""
        if self._lost or not self.for_people:
            return
        try:
            self._status.update(Text(words))
            if not self._moving:
                self._status.start()
                self._moving = True
        except (OSError, SystemExit):
            self._lose()

    def quieten(self) -> None:
        """Take the moving line away."""
        if self._moving:
            self._moving = False
            with suppress(OSError, SystemExit):
                self._status.stop()

    def _lose(self) -> None:
        self._lost = True
        self._stop.ask()
        self.quieten()
