"""What people say of an incident, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detector.device.device import DeviceDetector
from tests.unit.detector.streams import QUICK, feed, noise, opened, readings

if TYPE_CHECKING:
    from contracts.reading import Reading
    from detector.device.device import Outcome
    from tests.unit.detector.streams import Values

ROWS = 2000
FIRST, LATER = 200, range(800, ROWS, 400)


def leaps(size: float = 60.0, metric: str = "m1", **later: float) -> list[Values]:
    """Noise in which m1 leaps for ten readings, and later another leap comes several times."""
    rows = noise(ROWS, seed=4)
    for row in rows[FIRST : FIRST + 10]:
        row["m1"] = (row["m1"] or 0.0) + 60.0
    for start in LATER:
        for row in rows[start : start + 10]:
            row[metric] = (row[metric] or 0.0) + size
            for name, more in later.items():
                row[name] = (row[name] or 0.0) + more
    return rows


def first_incident(device: DeviceDetector, stream: list[Reading]) -> str:
    """Feed readings until the first incident is over, and return its id."""
    outcomes = feed(device, stream[:600])
    (at,) = opened(outcomes)
    anomaly = outcomes[at].anomaly
    assert anomaly is not None
    return anomaly.incident.id


def after_a_false_positive(rows: list[Values]) -> tuple[DeviceDetector, list[Outcome]]:
    """Call the first incident a false positive, and judge the rest."""
    device, stream = DeviceDetector("press", QUICK), readings(rows)
    assert device.feedback(first_incident(device, stream), "false_positive")
    return device, feed(device, stream[600:])


def test_look_alikes_of_a_false_positive_stay_silent() -> None:
    """What looks like a false positive raises alarms but no incident, and the device stays ready."""
    device, outcomes = after_a_false_positive(leaps())
    assert opened(outcomes) == []
    assert all(outcome.anomaly is None for outcome in outcomes)
    assert all(outcomes[start - 600].alarm for start in LATER)
    assert (device.quieted, device.state, device.incident) == (1, "ready", None)


@pytest.mark.parametrize(
    "rows",
    [leaps(-60.0), leaps(60.0, "m2"), leaps(400.0), leaps(60.0, m3=200.0)],
    ids=["other direction", "other metric", "much larger", "one more metric"],
)
def test_what_looks_different_still_rings(rows: list[Values]) -> None:
    """Another direction, another metric, a far larger leap and a wider trouble are told, within a few readings."""
    _, outcomes = after_a_false_positive(rows)
    assert [0 <= at + 600 - start <= 3 for at, start in zip(opened(outcomes), LATER, strict=True)] == [True] * 3


def test_undone_feedback_rings_again() -> None:
    """Once the opinion is undone, the same trouble is told again."""
    device, stream = DeviceDetector("press", QUICK), readings(leaps())
    incident = first_incident(device, stream)
    device.feedback(incident, "false_positive")
    quiet = feed(device, stream[600:1000])
    device.feedback(incident, "undo")
    assert opened(quiet) == []
    assert len(opened(feed(device, stream[1000:]))) == len(LATER) - 1
    assert device.quieted == 0


def test_trouble_that_grows_out_of_a_look_alike_is_told() -> None:
    """An incident that begins like a false positive and becomes much larger opens when it does."""
    rows = leaps()
    for row in rows[LATER[0] + 10 : LATER[0] + 20]:
        row["m1"] = (row["m1"] or 0.0) + 900.0
    _, outcomes = after_a_false_positive(rows)
    assert opened(outcomes) == [LATER[0] + 10 - 600]


def test_feedback_on_a_strange_incident_is_refused() -> None:
    """An id that the device does not remember changes nothing; an opinion that does not exist is an error."""
    device = DeviceDetector("press", QUICK)
    assert not device.feedback("0" * 32, "false_positive")
    with pytest.raises(ValueError, match="opinion"):
        device.feedback("0" * 32, "nonsense")  # type: ignore[arg-type] # it comes from outside


def test_a_confirmed_incident_never_becomes_the_off_state() -> None:
    """What people confirmed rings on, also where it would count as the machine's off state otherwise."""
    rows = noise(ROWS, 3, seed=11)
    for start in range(200, ROWS, 100):
        for row in rows[start : start + 20]:
            row["m0"], row["m1"] = 2.0 + 0.01 * (row["m0"] or 0), 3.0 + 0.01 * (row["m1"] or 0)
    stream, device = readings(rows), DeviceDetector("press", QUICK)
    outcomes = feed(device, stream[:290])
    anomaly = outcomes[200].anomaly
    assert anomaly is not None
    assert device.feedback(anomaly.incident.id, "confirmed")
    later = feed(device, stream[290:])
    assert len(opened(later)) == len(range(300, ROWS, 100))


@pytest.mark.parametrize("cut", [205, 500, 805])
@pytest.mark.parametrize("opinion", ["false_positive", "confirmed"])
def test_feedback_survives_a_restart(cut: int, opinion: str) -> None:
    """A detector saved and restored at any point goes on exactly as one that was not, feedback included."""
    stream = readings(leaps(m3=5.0)[:1300])

    def judge(*, restored: bool) -> tuple[list[Outcome], bytes]:
        device, outcomes = DeviceDetector("press", QUICK), []
        for n, reading in enumerate(stream):
            if n == cut and restored:
                model = None if device._scorer is None else device._scorer.model
                device = DeviceDetector.restore("press", QUICK, device.snapshot(), model)
            outcomes += feed(device, [reading])
            anomaly = outcomes[-1].anomaly
            if n < 600 and anomaly is not None and anomaly.incident.phase == "close":
                device.feedback(anomaly.incident.id, opinion)  # type: ignore[arg-type] # of the two above
        return outcomes, device.snapshot()

    assert judge(restored=True) == judge(restored=False)
