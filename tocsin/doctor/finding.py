"""What a check came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["good", "bad", "doubtful", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw, and what to do about it.

    Attributes:
        name: what was looked at.
        outcome: `doubtful` works, but a person should know; `skipped` was not looked at.
        seen: in words.
        remedy: empty where there is nothing to do.
    """

    name: str
    outcome: Outcome
    seen: str
    remedy: str = ""


def good(name: str, seen: str) -> Finding:
    """Make the finding that all is well."""
    return Finding(name, "good", seen)


def bad(name: str, seen: str, remedy: str) -> Finding:
    """Make the finding that something is wrong."""
    return Finding(name, "bad", seen, remedy)


def doubtful(name: str, seen: str, remedy: str) -> Finding:
    """Make the finding that a person should know of something."""
    return Finding(name, "doubtful", seen, remedy)


def skipped(name: str, why: str, remedy: str = "") -> Finding:
    """Make the finding that there was nothing to look at."""
    return Finding(name, "skipped", why, remedy)
