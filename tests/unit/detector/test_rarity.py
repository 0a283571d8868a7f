"""What is told of how rare a trouble is, and since when it has been there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from detector.device.device import DeviceDetector
from tests.unit.detector.streams import QUICK, feed, noise, readings
from tests.unit.detector.test_incident_rules import said, shifted


def test_nothing_is_told_to_be_rarer_than_the_watched_time() -> None:
    """Four minutes of readings cannot show that something comes once a year: they show that it was not there."""
    opening = said(feed(DeviceDetector("press", QUICK), readings(shifted((240, "m1")))))[0]
    assert opening.watched_days == pytest.approx(241 / 86_400, rel=0.01)
    assert opening.rarity_days == opening.watched_days


def test_what_was_seen_before_is_told_to_come_again() -> None:
    """The second incident that is as rare is one of two in the watched time."""
    table = shifted((240, "m1"), (400, "m2"), rows=500)
    openings = [one for one in said(feed(DeviceDetector("press", QUICK), readings(table))) if one.window is not None]
    assert len(openings) == 2
    assert openings[1].rarity_days is not None
    assert openings[1].watched_days is not None
    few_seen = 0.5 if openings[1].score <= openings[0].score else 1.0
    assert openings[1].rarity_days == pytest.approx(few_seen * openings[1].watched_days)


def test_a_stuck_value_has_been_so_since_it_last_moved() -> None:
    """Not since the incident opened, some readings later; and its updates say the same."""
    table = noise(460)
    for row in table[300:]:
        row["m1"] = table[300]["m1"]
    stream = readings(table)
    told = [one for one in said(feed(DeviceDetector("press", QUICK), stream)) if one.kind == "stuck"]
    assert len(told) > 1
    assert {one.since for one in told} == {stream[300].measured_at}
    assert told[0].incident.opened_at > stream[300].measured_at


def test_a_missing_metric_is_missing_since_its_last_value() -> None:
    """The last reading that held it tells since when it is gone."""
    table = noise(400)
    for row in table[300:]:
        del row["m1"]
    stream = readings(table)
    told = [one for one in said(feed(DeviceDetector("press", QUICK), stream)) if one.kind == "dropout"]
    assert told[0].since == stream[299].measured_at


def test_a_silent_device_is_silent_since_its_last_reading() -> None:
    """Found by the timer as well as by the reading that ends it in a recording."""
    device = DeviceDetector("press", QUICK)
    stream = readings(noise(300), clock="device", run=None)
    feed(device, stream)
    later = device.tick(stream[-1].measured_at + timedelta(seconds=60))
    assert later is not None
    assert later.anomaly is not None
    assert later.anomaly.since == stream[-1].measured_at

    recorded = readings(noise(300))
    recorded[200:] = [
        type(one)(
            device=one.device,
            values=one.values,
            measured_at=one.measured_at + timedelta(minutes=10),
            clock="replay",
            run=one.run,
        )
        for one in recorded[200:]
    ]
    told = [one for one in said(feed(DeviceDetector("press", QUICK), recorded)) if one.kind == "silence"]
    assert told[0].since == recorded[199].measured_at


def test_other_troubles_begin_with_their_incident() -> None:
    """Only what does not move or does not come has a beginning before its incident."""
    assert said(feed(DeviceDetector("press", QUICK), readings(shifted((240, "m1")))))[0].since is None
