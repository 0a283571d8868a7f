from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from contracts.anomaly import Contribution
from contracts.service import Feedback
from storage.similar import likeness, similar
from tests.unit.storage.alert_records import START, record

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from contracts.anomaly import Kind
    from storage.book import AlertBook
    from storage.records import AlertRecord


def trouble(name: str, minutes: float, kind: Kind, *metrics: str, device: str = "boiler") -> AlertRecord:
    """Make an alert of a kind whose metrics have equal shares."""
    made = record(name, device=device, minutes=minutes)
    shares = tuple(Contribution(metric=metric, share=1 / len(metrics)) for metric in metrics)
    evidence = msgspec.structs.replace(made.alert.evidence, kind=kind, contributions=shares)
    return replace(made, alert=msgspec.structs.replace(made.alert, evidence=evidence))


def test_the_most_alike_comes_first_with_what_people_said(book: AlertBook, engine: Engine) -> None:
    """Earlier incidents of the device come by likeness, then the newest; later, other and unlike ones do not."""
    same, newer, half = (
        trouble("same", 0, "spike", "t", "p"),
        trouble("newer", 2, "spike", "t", "p"),
        trouble("half", 1, "spike", "t"),
    )
    asked = trouble("asked", 5, "spike", "t", "p")
    others = [
        trouble("unlike", 3, "drift", "flow"),
        trouble("later", 9, "spike", "t", "p"),
        trouble("other", 1, "spike", "t", "p", device="pump"),
    ]
    word = Feedback(incident=same.alert.incident, verdict="confirmed", at=START, by="kim", note="the belt")
    with book.writing() as entry:
        entry.save([same, newer, half, asked, *others])
        entry.add_feedback([("1", word)])
        found = entry.similar(asked.alert)
    assert [one.alert.incident for one in found] == [each.alert.incident for each in (newer, same, half)]
    assert [one.likeness for one in found] == [1.0, 1.0, 0.75]
    assert found[1].said == (word,)
    assert similar(engine, asked.alert.incident, limit=3) == found
    assert len(similar(engine, asked.alert, limit=1)) == 1


def test_silences_are_alike() -> None:
    """Two incidents without metrics are as alike as their kinds."""
    silent = trouble("a", 0, "silence", "x").alert
    silent = msgspec.structs.replace(silent, evidence=msgspec.structs.replace(silent.evidence, contributions=()))
    assert likeness(silent, silent) == 1.0
    assert likeness(silent, trouble("b", 0, "spike", "t").alert) == 0.0
