"""What is remembered of incidents."""

from __future__ import annotations

import pytest

from detector.verdicts.likeness import Likeness
from detector.verdicts.recollection import Recollection

FROZEN = Likeness(("pressure",), "stuck", 0, 0.0)
LATER = Likeness(("temperature", "pressure"), "stuck", 0, 0.0)
OTHER = Likeness(("temperature",), "stuck", 0, 0.0)


def recalled(*looks: Likeness, stored: bool = False) -> Recollection:
    """Remember one incident that looked like this, one look after the other; people call it a false positive."""
    kept = Recollection()
    for position, look in enumerate(looks):
        kept.remember("a" * 32, look, began=0.0, at=float(position), position=position, peak=0.0, untold=False)
    kept.say("a" * 32, "false_positive")
    return Recollection.restored(kept.state()) if stored else kept


@pytest.mark.parametrize("stored", [False, True])
def test_a_false_positive_quiets_what_begins_as_it_began(*, stored: bool) -> None:
    """A sensor that froze, and whose neighbours were accused beside it in the end, froze all the same."""
    kept = recalled(FROZEN, LATER, stored=stored)
    assert kept.quiets(FROZEN, 1)
    assert kept.excuses(LATER, 60)
    assert not recalled(FROZEN).quiets(OTHER, 1)


def test_an_incident_stored_without_its_first_look_is_known_by_its_last() -> None:
    """What an earlier version wrote is read."""
    state = recalled(FROZEN, LATER).state()
    for case in state.values():
        del case["first"]
    kept = Recollection.restored(state)
    assert kept.quiets(LATER, 1)
    assert not kept.quiets(FROZEN, 1)
