"""Looking for garbage in small pieces."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from runtime import garbage
from runtime.garbage import GarbageRounds

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ring:
    """Garbage that only a collector finds, once nobody else has it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Iterator[GarbageRounds]:
    """Return rounds that are due at every turn, and stop them in the end."""
    monkeypatch.setattr(garbage, "_EVERY_S", 0.0)
    rounds = GarbageRounds()
    rounds.start()
    yield rounds
    rounds.stop()


def test_what_died_since_the_last_round_is_found(rounds: GarbageRounds) -> None:
    """Garbage in cycles goes with the next turn."""
    ring = Ring()
    gone = weakref.ref(ring)
    del ring
    rounds.turn()
    assert gone() is None


def test_what_lives_is_set_apart_and_found_at_last(rounds: GarbageRounds, monkeypatch: pytest.MonkeyPatch) -> None:
    """What outlived a round is left alone by later ones, until the look at everything."""
    ring = Ring()
    gone = weakref.ref(ring)
    rounds.turn()
    del ring
    rounds.turn()
    assert gone() is not None
    monkeypatch.setattr(garbage, "_ALL_EVERY_S", 0.0)
    rounds.start()
    rounds.turn()
    assert gone() is None


def test_python_looks_by_itself_again_afterwards() -> None:
    """Starting and stopping leaves the collector as it was."""
    before = gc.get_threshold()
    rounds = GarbageRounds()
    rounds.start()
    assert gc.get_threshold() != before
    assert gc.get_freeze_count() > 0
    rounds.stop()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
