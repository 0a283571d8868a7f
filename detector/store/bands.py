"""What was expected of each metric, in few bytes: kept beside a reading now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from detector.verdicts.evidence import Expectation


class Band(msgspec.Struct, frozen=True, gc=False):
    """By metric: the expected value, and the bounds between which nothing is odd."""

    expected: dict[str, float]
    lower: dict[str, float]
    upper: dict[str, float]


def packed(expectation: Expectation) -> bytes:
    """Write a band as bytes."""
    rows = {
        metric: (expected, expectation.lower.get(metric), expectation.upper.get(metric))
        for metric, expected in expectation.expected.items()
    }
    return _encoder.encode(rows)


def unpacked(band: bytes) -> Band:
    """Read a band."""
    rows = _decoder.decode(band)
    return Band(
        {metric: row[0] for metric, row in rows.items()},
        {metric: row[1] for metric, row in rows.items() if row[1] is not None},
        {metric: row[2] for metric, row in rows.items() if row[2] is not None},
    )


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[str, tuple[float, float | None, float | None]])
