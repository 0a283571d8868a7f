"""Server-sent events: each open page hears of alerts at once, and each second of the devices it shows.

Everything here runs in the web server's own thread. A page that reads too slowly loses scores first, then its
connection: it connects again by itself and asks for the whole state.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from web.live.tiles import encoded, tile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from contracts.alert import Alert
    from contracts.service import Answer, Score
    from web.plant import Plant

MAX_SHOWN = 300
_TICK_S = 1.0
_HEALTH_EVERY = 2
_SILENCE_S = 15.0
_BEGIN_TO_DROP = 32
_MOST_WAITING = 512
RETRY_MS = 1000


class TooManyViewersError(Exception):
    """One open page more than the settings allow."""


@dataclass(slots=True, eq=False)
class Viewer:
    """One open page: the devices whose tiles it shows, and the one whose every score it wants."""

    shown: frozenset[str]
    device: str | None
    waiting: deque[bytes] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def put(self, event: bytes, *, droppable: bool = False) -> None:
        """Give it an event, or leave it out, or close a page that does not read any more."""
        if droppable and len(self.waiting) >= _BEGIN_TO_DROP:
            return
        if len(self.waiting) >= _MOST_WAITING:
            self.closed = True
        else:
            self.waiting.append(event)
        self.news.set()


class Hub:
    """The open pages.

    Args:
        plant: what is shown.
        limit: open pages at most.
        health: the pipeline's health, sent when it changed.
    """

    def __init__(self, plant: Plant, limit: int, health: Callable[[], object]) -> None:
        self._plant = plant
        self._limit = limit
        self._health = health
        self._viewers: set[Viewer] = set()
        self._touched: set[str] = set()
        self._said_health = b""
        self._ticks = 0
        self._ending = False

    def __len__(self) -> int:
        return len(self._viewers)

    def enter(self, shown: frozenset[str], device: str | None) -> Viewer:
        """Let a page in.

        Raises:
            TooManyViewersError: there are too many.
        """
        if len(self._viewers) >= self._limit:
            raise TooManyViewersError(f"{self._limit} pages are open; TOCSIN_WEB_VIEWERS allows more")
        viewer = Viewer(shown, device)
        viewer.waiting.append(f"retry: {RETRY_MS}\n\n".encode())
        viewer.waiting.append(event("health", encoded(self._health())))
        self._viewers.add(viewer)
        return viewer

    async def events(self, viewer: Viewer) -> AsyncIterator[bytes]:
        """Send what there is until the page or the server goes."""
        try:
            while not (viewer.closed or self._ending):
                if not viewer.waiting:
                    viewer.news.clear()
                    try:
                        await asyncio.wait_for(viewer.news.wait(), _SILENCE_S)
                    except TimeoutError:
                        yield b": still here\n\n"
                    continue
                sent = b"".join(viewer.waiting)
                viewer.waiting.clear()
                yield sent
        finally:
            self._viewers.discard(viewer)

    def alert(self, alert: Alert) -> None:
        """Tell every page of an alert."""
        self._tell(event("alert", encoded(alert)))

    def answer(self, answer: Answer) -> None:
        """Tell every page of a service's answer to a command."""
        self._tell(event("answer", encoded(answer)))

    def state(self, name: str) -> None:
        """Tell every page that a device's state has changed."""
        device = self._plant.devices.get(name)
        if device is not None:
            self._tell(event("device", encoded(tile(device))))

    def progress(self, name: str) -> None:
        """Tell the pages that show a device at the next tick that it has come on, such as with learning."""
        self._touched.add(name)

    def gone(self, name: str) -> None:
        """Tell every page that a device is not watched any more."""
        self._tell(event("gone", encoded({"device": name})))

    def score(self, score: Score) -> None:
        """Tell the pages that look at this device at once, the others at the next tick."""
        self._touched.add(score.device)
        watching = [viewer for viewer in self._viewers if viewer.device == score.device]
        if watching:
            said = event("score", encoded(score))
            for viewer in watching:
                viewer.put(said, droppable=True)

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            await asyncio.sleep(_TICK_S)
            self.tick()

    def tick(self) -> None:
        """Send the tiles of devices with a new score to the pages that show them, and the health if it changed."""
        touched, self._touched = self._touched, set()
        wanted = touched & frozenset().union(*(viewer.shown for viewer in self._viewers))
        pieces = {name: encoded(tile(self._plant.devices[name])) for name in wanted if name in self._plant.devices}
        for viewer in self._viewers:
            mine = [pieces[name] for name in viewer.shown if name in pieces]
            if mine:
                viewer.put(event("tiles", b"[" + b",".join(mine) + b"]"), droppable=True)
        self._ticks += 1
        health = encoded(self._health()) if self._ticks % _HEALTH_EVERY == 0 else self._said_health
        if health != self._said_health:
            self._said_health = health
            self._tell(event("health", health), droppable=True)

    def close(self) -> None:
        """Let every page go."""
        self._ending = True
        for viewer in self._viewers:
            viewer.news.set()

    def _tell(self, said: bytes, *, droppable: bool = False) -> None:
        for viewer in self._viewers:
            viewer.put(said, droppable=droppable)


def event(name: str, body: bytes) -> bytes:
    """Write one server-sent event; JSON of ours holds no line break."""
    return b"event: " + name.encode() + b"\ndata: " + body + b"\n\n"
