"""Maintenance windows, ranges and machine-off rules: read from TOML, right by the clock, given to the devices meant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codec import decode, encode
from contracts.reading import Reading
from contracts.service import DeviceStatus
from detector.configuration.config import DetectionConfig
from detector.configuration.context import OffRule
from detector.configuration.device_configs import DeviceConfigs, Knowledge
from detector.configuration.maintenance import Weekly
from detector.settings import DetectorSettings
from runtime.settings import SettingsError, load_settings
from tests.unit.detector.rig import START, TOPICS, Rig

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
GOOD = """
[[detector.maintenance]]
devices = "press-*"
days = ["sunday"]
from = 22:00:00
until = 04:00:00
zone = "Europe/Berlin"

[[detector.maintenance]]
from = 2026-12-24T18:00:00
until = 2026-12-27T06:00:00
zone = "Europe/Berlin"

[[detector.ranges]]
devices = "boiler-?"
metric = "pressure"
high = 12

[[detector.ranges]]
devices = "boiler-2"
metric = "pressure"
low = 1
high = 9

[[detector.off]]
devices = "mill"
metric = "rpm"
below = 50
"""


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_CONFIG", raising=False)


def read(text: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> DetectorSettings:
    file = directory / "tocsin.toml"
    file.write_text(text)
    monkeypatch.setenv("TOCSIN_CONFIG", str(file))
    return load_settings(DetectorSettings)


def test_each_device_has_the_rules_that_fit_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows add up, the later range of a metric counts, and devices without a rule share one configuration."""
    settings = read(GOOD, tmp_path, monkeypatch)
    configs = DeviceConfigs(DetectionConfig(), Knowledge(settings.maintenance, settings.ranges, settings.off))
    assert [len(configs.of(name).maintenance) for name in ("press-1", "boiler-1")] == [2, 1]
    assert configs.of("boiler-1").ranges == {"pressure": (None, 12)}
    assert configs.of("boiler-2").ranges == {"pressure": (1, 9)}
    assert configs.of("boiler-22").ranges == {}
    assert configs.of("mill").off == (OffRule("rpm", 50),)
    bare = DeviceConfigs(DetectionConfig(), Knowledge())
    assert bare.of("a") is bare.of("b")


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each error names key, value and what was expected."""
    text = """
    [[detector.maintenance]]
    days = ["caturday"]
    from = 02:00:00
    until = 04:00:00
    zone = "Mars/City"
    [[detector.maintenance]]
    from = 2026-12-24T18:00:00
    until = 2026-12-23T18:00:00
    [[detector.maintenance]]
    from = 2026-12-24T18:00:00
    until = 18:00:00
    [[detector.ranges]]
    metric = "pressure"
    low = 12
    high = 3
    [[detector.ranges]]
    metric = "flow"
    [[detector.off]]
    metric = "rpm"
    above = 3
    """
    with pytest.raises(SettingsError) as caught:
        read(text, tmp_path, monkeypatch)
    said = str(caught.value).splitlines()
    for key, words in (
        ("maintenance.0.days.0 = 'caturday'", "'monday'"),
        ("maintenance.0.zone = 'Mars/City'", "expected the name of a time zone"),
        ("maintenance.1 = {from = 2026-12-24 18:00:00", "until: expected a time after from"),
        ("maintenance.2 = ", "expected two times of day, or two dates"),
        ("ranges.0 = {metric = 'pressure', low = 12, high = 3}", "expected more than low = 12"),
        ("ranges.1 = {metric = 'flow'}", "expected low, high or both"),
        ("off.0.below", "missing"),
        ("off.0.above", "no setting of this name"),
    ):
        assert any(line.startswith(key) and words in line for line in said), (key, said)


def test_a_variable_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules may stand in a variable, as JSON."""
    monkeypatch.setenv("TOCSIN_OFF", '[{"metric": "rpm", "below": 50}]')
    assert load_settings(DetectorSettings).off[0].below == 50
    monkeypatch.setenv("TOCSIN_OFF", "[")
    with pytest.raises(SettingsError, match=r'"off".*expected JSON'):
        load_settings(DetectorSettings)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-22T21:59:59", False),  # a Sunday
        ("2026-11-22T22:00:00", True),
        ("2026-11-23T03:59:59", True),
        ("2026-11-23T04:00:00", False),
        ("2026-11-23T22:30:00", False),
        ("2026-03-29T22:00:00", True),  # the clock was put forward this morning
        ("2026-10-25T22:00:00", True),  # and back
        ("2026-10-26T03:30:00", True),
    ],
)
def test_a_weekly_window_goes_by_the_clock_of_its_zone(moment: str, inside: bool) -> None:  # noqa: FBT001 - a case
    """Over midnight, and where the clock is put forward or back."""
    window = Weekly(frozenset({6}), 22 * 3600.0, 4 * 3600.0, BERLIN)
    assert window.covers(datetime.fromisoformat(moment).replace(tzinfo=BERLIN).timestamp()) is inside


@given(
    days=st.frozensets(st.integers(0, 6), min_size=1),
    begin=st.integers(0, 86_399),
    length=st.integers(1, 86_399),
    minutes=st.integers(0, 7 * 1440),
)
def test_a_window_holds_what_began_in_it(days: frozenset[int], begin: int, length: int, minutes: int) -> None:
    """Where no clock changes: a moment is inside if and only if a window began at most its length ago."""
    zone = ZoneInfo("UTC")
    window = Weekly(days, float(begin), float((begin + length) % 86_400), zone)
    moment = datetime(2026, 11, 2, tzinfo=zone) + timedelta(minutes=minutes)
    midnight = moment.replace(hour=0, minute=0)
    starts = [midnight + timedelta(days=back, seconds=begin) for back in (0, -1)]
    expected = any(start.weekday() in days and start <= moment < start + timedelta(seconds=length) for start in starts)
    assert window.covers(moment.timestamp()) is expected


def test_a_device_says_that_it_is_maintained(tmp_path: Path) -> None:
    """Its state tells when a window of its own begins and when it is over, by event time."""
    window = {
        "devices": "press",
        "from": (START + timedelta(seconds=10)).isoformat(),
        "until": (START + timedelta(seconds=20)).isoformat(),
    }
    rig = Rig(tmp_path, settings={"maintenance": [window]})
    rig.start()
    told = []
    for second in (5, 15, 25):
        for device in ("press", "pump"):
            at = START + timedelta(seconds=second)
            reading = Reading(device=device, values={"t": 1.0}, measured_at=at, clock="replay", run="r")
            rig.broker.publish(TOPICS.readings(device), encode(reading))
        rig.drain()
        told.append(
            [decode(rig.broker.retained[TOPICS.device(name)], DeviceStatus).maintenance for name in ("press", "pump")]
        )
    assert told == [[False, False], [True, False], [False, False]]
    rig.service.stop()
