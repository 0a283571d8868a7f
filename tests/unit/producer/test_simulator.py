from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codec import encode
from contracts.decode_reading import decode_reading
from producer.simulator.scenario_files import load_scenario
from producer.simulator.simulator import simulate, simulate_live
from tests.unit.producer.plants import START, plant, played

STORM = load_scenario("storm")


def test_same_seed_same_stream() -> None:
    """Equal arguments give equal readings and truths; another seed gives others."""
    first = list(simulate(STORM, 7, START, 90))
    assert first == list(simulate(STORM, 7, START, 90))
    assert first != list(simulate(STORM, 8, START, 90))
    assert any(truth for _, truth in first)


@settings(max_examples=10, deadline=None)
@given(st.floats(1, 90))
def test_a_longer_duration_only_adds(duration: float) -> None:
    """A short stream is the beginning of a long one."""
    short = list(simulate(STORM, 3, START, duration))
    assert short == list(islice(simulate(STORM, 3, START, 90), len(short)))


def test_devices_do_not_depend_on_each_other() -> None:
    """Without faults a device's values stay the same when others are added or taken away."""
    quiet = load_scenario("quiet")
    alone = quiet.model_copy(update={"devices": quiet.devices[2:3]})
    some = [reading for reading, _ in simulate(quiet, 1, START, 300, "r") if reading.device.startswith("compressor")]
    assert some == [reading for reading, _ in simulate(alone, 1, START, 300, "r")]


@pytest.mark.parametrize("name", ["factory", "quiet", "storm", "fleet"])
def test_readings_are_in_order_and_decode(name: str) -> None:
    """Readings come in the order of their times, all within the duration, and pass the contract's strict decoding."""
    newest = START
    for count, (reading, _) in enumerate(simulate(name, 1, START, 60)):
        assert START <= newest <= reading.measured_at < START + timedelta(seconds=60)
        newest = reading.measured_at
        if count % 50 == 0:
            assert decode_reading(encode(reading), reading.device, START) == reading


def test_replay_clock_and_live_clock() -> None:
    """Simulated readings follow event time under a run; live ones carry the device's clock and no run."""
    scenario = plant({"t": {"baseline": 1, "unit": "°C"}})
    (reading, _), *_ = simulate(scenario, 4, START, 5)
    assert (reading.clock, reading.run, reading.units) == ("replay", "test-4", {"t": "°C"})
    (live, _), *_ = simulate_live(scenario, 4, START, 5)
    assert (live.clock, live.run, live.values) == ("device", None, reading.values)


def test_start_keeps_its_zone() -> None:
    """A start in another zone is the same moment; a start without one is refused."""
    scenario = plant({"t": {"baseline": 1, "season": {"amplitude": 5, "peak_hour": 3}}})
    east = START.astimezone(timezone(timedelta(hours=5)))
    assert list(simulate(scenario, 1, east, 10)) == played(scenario, 10)
    with pytest.raises(ValueError, match="time zone"):
        simulate(scenario, 1, datetime(2026, 1, 1), 10)  # noqa: DTZ001 - what is refused


def test_endless_stream() -> None:
    """Without a duration the stream has no end."""
    stream = simulate(plant({"t": {"baseline": 1}}, interval_s=60), 1, datetime(2026, 1, 1, tzinfo=UTC))
    *_, (reading, _) = islice(stream, 5_000)
    assert reading.measured_at > datetime(2026, 1, 4, tzinfo=UTC)
