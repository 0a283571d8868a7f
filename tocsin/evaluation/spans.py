"""Stretches of time in which something was wrong, by what is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from producer.recordings.labels import WORDS

if TYPE_CHECKING:
    from contracts.reading import Truth


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end` (epoch s, both of it) something was wrong with a device; with every one if that is None."""

    start: float
    end: float
    name: str = ""
    device: str | None = None


def span_of(truth: Truth) -> Span | None:
    """Return the fault of a reading, where it is known when it begins and ends."""
    if truth.start is None or truth.end is None:
        return None
    return Span(truth.start.timestamp(), truth.end.timestamp(), name_of(truth), truth.device)


def name_of(truth: Truth) -> str:
    """Return what a label calls a fault; empty where it says no more than that there is one."""
    if truth.fault is not None:
        return truth.fault.replace("_", " ")
    return next((text for text in (truth.columns or {}).values() if text.strip().lower() not in WORDS), "")
