"""What belongs to one incident, and what a person is told of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from detector.device.device import DeviceDetector
from tests.unit.detector.streams import QUICK, Values, feed, noise, readings

if TYPE_CHECKING:
    from contracts.anomaly import Anomaly
    from detector.device.device import Outcome

ROWS = 400


def shifted(*faults: tuple[int, str], rows: int = ROWS) -> list[Values]:
    """Noise in which one metric leaps at some readings."""
    table = noise(rows)
    for at, metric in faults:
        level = table[at][metric]
        assert level is not None
        table[at][metric] = level + 60.0
    return table


def said(outcomes: list[Outcome]) -> list[Anomaly]:
    """Return what was published."""
    return [outcome.anomaly for outcome in outcomes if outcome.anomaly is not None]


def test_the_same_trouble_that_comes_back_is_the_same_incident() -> None:
    """A metric that leaps again soon after its incident closed opens the same incident again."""
    anomalies = said(feed(DeviceDetector("press", QUICK), readings(shifted((200, "m1"), (280, "m1")))))
    assert [one.incident.phase for one in anomalies if one.incident.phase != "update"] == [
        "open",
        "close",
        "reopen",
        "close",
    ]
    assert len({one.incident.id for one in anomalies}) == 1


def test_another_trouble_is_another_incident() -> None:
    """A different metric that leaps soon afterwards opens an incident of its own, which names it."""
    anomalies = said(feed(DeviceDetector("press", QUICK), readings(shifted((200, "m1"), (280, "m2")))))
    openings = [one for one in anomalies if one.incident.phase in {"open", "reopen"}]
    assert [one.incident.phase for one in openings] == ["open", "open"]
    assert [one.contributions[0].metric for one in openings] == ["m1", "m2"]
    assert len({one.incident.id for one in openings}) == 2


def test_an_incident_ended_with_its_last_abnormal_reading() -> None:
    """The quiet that closes an incident is not counted as trouble."""
    stream = readings(shifted((200, "m1")))
    closing = said(feed(DeviceDetector("press", QUICK), stream))[-1]
    assert closing.incident.phase == "close"
    assert closing.measured_at - stream[200].measured_at < timedelta(seconds=10)


def test_the_usual_range_is_where_the_learned_values_were() -> None:
    """Bounds shown to people hold nearly all values seen, and are hardly wider."""
    table = shifted((200, "m1"))
    opening = said(feed(DeviceDetector("press", QUICK), readings(table)))[0]
    seen = sorted(row["m1"] or 0.0 for n, row in enumerate(table[:200]) if n != 200)
    (leading, *_) = opening.contributions
    assert leading.lower is not None
    assert leading.upper is not None
    assert seen[0] - 0.5 <= leading.lower <= seen[10]
    assert seen[-11] <= leading.upper <= seen[-1] + 0.5


def test_silence_ends_what_was_wrong_and_is_an_incident_of_its_own() -> None:
    """A device that falls silent in the middle of a trouble closes that incident; then its silence is told."""
    device = DeviceDetector("press", QUICK)
    stream = readings(shifted((200, "m1"))[:202], clock="device", run=None)
    anomalies = said(feed(device, stream))
    assert device.incident == anomalies[0].incident.id
    later = stream[-1].measured_at + timedelta(seconds=60)
    closing, silence = device.tick(later), device.tick(later)
    assert closing is not None
    assert closing.anomaly is not None
    assert (closing.anomaly.incident.phase, closing.anomaly.incident.id) == ("close", anomalies[0].incident.id)
    assert silence is not None
    assert silence.anomaly is not None
    assert (silence.anomaly.incident.phase, silence.anomaly.kind) == ("open", "silence")
    assert silence.anomaly.incident.id != anomalies[0].incident.id
    assert silence.anomaly.rarity_days is None, "a rule found it, not the device's history"
    assert device.tick(later + timedelta(seconds=60)) is None


def test_silence_soon_after_a_trouble_is_no_new_life_of_it() -> None:
    """A device that falls silent while its trouble lasts opens an incident of its own, which blames no metric."""
    device = DeviceDetector("press", QUICK)
    lasting = noise(260)
    for row in lasting[220:]:
        row["m1"] = (row["m1"] or 0.0) + 60.0
    stream = readings(lasting, clock="device", run=None)
    trouble = said(feed(device, stream))[0].incident.id
    later = stream[-1].measured_at + timedelta(seconds=60)
    closing, silence = (one.anomaly for one in (device.tick(later), device.tick(later)) if one is not None)
    assert closing is not None
    assert (closing.incident.phase, closing.incident.id) == ("close", trouble)
    assert silence is not None
    assert (silence.kind, silence.incident.phase, silence.contributions) == ("silence", "open", ())
    assert silence.incident.id != trouble


def test_an_incident_that_opens_again_says_since_when() -> None:
    """Anomalies of a second life carry the time it began; those of the first do not."""
    anomalies = said(feed(DeviceDetector("press", QUICK), readings(shifted((200, "m1"), (280, "m1")))))
    again = next(n for n, one in enumerate(anomalies) if one.incident.phase == "reopen")
    assert {one.incident.began_at for one in anomalies[:again]} == {None}
    assert {one.incident.began_at for one in anomalies[again:]} == {anomalies[again].measured_at}
    assert len({one.incident.opened_at for one in anomalies}) == 1
