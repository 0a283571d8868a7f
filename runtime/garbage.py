"""Garbage in cycles is looked for in small pieces: a look at all that lives would stop a service for 0.1 s or more."""

from __future__ import annotations

import gc
import time

_EVERY_S = 1.0
_ALL_EVERY_S = 3600.0  # what has died since it was set apart
_NEVER = 1 << 30


class GarbageRounds:
    """Sets apart what outlived a round, so that the next one looks only at what came since.

    Python's own collector looks at all objects again whenever their number has grown by a quarter. Most garbage is not
    in cycles and is gone at once in any case.
    """

    def __init__(self) -> None:
        self._thresholds = gc.get_threshold()
        self._round_at = 0.0
        self._all_at = 0.0

    def start(self) -> None:
        """Set apart what is there; from now on rounds are ours, but for those over the youngest objects."""
        gc.set_threshold(*self._thresholds[:2], _NEVER)
        gc.freeze()
        now = time.monotonic()
        self._round_at, self._all_at = now + _EVERY_S, now + _ALL_EVERY_S

    def turn(self) -> None:
        """Make the round that is due, if any; to be called often."""
        now = time.monotonic()
        if now < self._round_at:
            return
        self._round_at = now + _EVERY_S
        if now >= self._all_at:
            self._all_at = now + _ALL_EVERY_S
            gc.unfreeze()
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Leave garbage to Python again."""
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()
