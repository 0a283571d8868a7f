"""The floor: random scores, an alarm at every row, the largest z."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.methods.fixed import fitted, rankings
from benchmarks.quality.recording import Verdicts

if TYPE_CHECKING:
    from benchmarks.quality.recording import Floats, Recording

_ALARM_SHARE = 0.01


def seed(recording: Recording) -> int:
    """Return a seed of the recording's own."""
    return int.from_bytes(blake2b(recording.name.encode(), digest_size=4).digest(), "big")


def random(recording: Recording) -> Verdicts:
    """Draw every score; one row of a hundred is an alarm."""
    generator = np.random.default_rng(seed(recording))
    scores = generator.random(len(recording.rows))
    weights = generator.random(recording.rows.shape)
    return Verdicts(scores, scores > 1.0 - _ALARM_SHARE, rankings(recording, weights))


def always(recording: Recording) -> Verdicts:
    """Ring at every row."""
    return Verdicts(np.ones(len(recording.rows)), np.ones(len(recording.rows), dtype=np.bool_))


def max_z(recording: Recording) -> Verdicts:
    """Take the largest absolute deviation of a row."""
    return fitted(recording, lambda _: _largest, named=np.abs)


def _largest(rows: Floats) -> Floats:
    largest: Floats = np.abs(rows).max(axis=1)
    return largest
