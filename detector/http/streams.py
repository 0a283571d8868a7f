"""All streaming detectors; they live in memory alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.http.errors import RequestError
from detector.http.live_stream import LiveStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from detector.http.fits import Fits
    from detector.http.terms import Terms


class Streams:
    """All streaming detectors.

    Args:
        fits: where models are fitted.
        most: streams at a time.
    """

    def __init__(self, fits: Fits, most: int) -> None:
        self._fits = fits
        self._most = most
        self._streams: dict[str, LiveStream] = {}

    def __iter__(self) -> Iterator[LiveStream]:
        return iter(self._streams.values())

    def get(self, name: str) -> LiveStream:
        """Return a stream.

        Raises:
            RequestError: there is none of this name.
        """
        stream = self._streams.get(name)
        if stream is None:
            raise RequestError(404, f"no streaming detector {name[:100]!r}")
        return stream

    def get_or_make(self, name: str, terms: Callable[[], Terms]) -> LiveStream:
        """Return the stream of this name; make it on these terms if there is none.

        Raises:
            RequestError: it would be one too many.
        """
        stream = self._streams.get(name)
        if stream is None:
            if len(self._streams) >= self._most:
                raise RequestError(409, f"{self._most} streams are held: delete some first")
            stream = self._streams[name] = LiveStream(terms(), self._fits)
        return stream

    def delete(self, name: str) -> None:
        """Forget a stream.

        Raises:
            RequestError: there is none of this name.
        """
        self.get(name)
        del self._streams[name]
