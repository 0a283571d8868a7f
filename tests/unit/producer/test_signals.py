from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.simulator.autoregression import autoregress, coefficient
from tests.unit.producer.plants import column, plant, played, seconds


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=70), st.floats(0, 0.999), st.floats(-5, 5))
def test_autoregression_equals_its_recursion(innovations: list[float], phi: float, previous: float) -> None:
    """The doubling scheme gives what the plain recursion gives."""
    series = autoregress(np.array(innovations)[:, None], np.array([phi]), np.array([previous]))[:, 0]
    expected, state = [], previous
    for innovation in innovations:
        state = phi * state + innovation
        expected.append(state)
    np.testing.assert_allclose(series, expected, rtol=1e-9, atol=1e-9)


def test_baseline_and_noise() -> None:
    """A metric has the mean and the white noise that it is given."""
    values = column(played(plant({"t": {"baseline": 20, "noise": 0.5, "decimals": 6}}), 20_000), "t")
    assert values.mean() == pytest.approx(20, abs=0.02)
    assert values.std() == pytest.approx(0.5, rel=0.03)
    assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.03


def test_wander_is_autoregressive() -> None:
    """Wander has its spread, and the correlation that its time constant demands."""
    metric = {"baseline": 0, "wander": {"sigma": 2, "time_constant_s": 10}, "decimals": 6}
    values = column(played(plant({"t": metric}), 40_000), "t")
    assert values.std() == pytest.approx(2, rel=0.1)
    assert np.corrcoef(values[1:], values[:-1])[0, 1] == pytest.approx(coefficient(1, 10), abs=0.02)


def test_daily_season_peaks_at_its_hour() -> None:
    """The season is highest at its hour of the day, and comes back every day."""
    metric = {"baseline": 10, "season": {"amplitude": 3, "peak_hour": 15}, "decimals": 4}
    pairs = played(plant({"t": metric}, interval_s=600), 2 * 86_400)
    values = column(pairs, "t")
    assert values.max() == pytest.approx(13, abs=0.02)
    assert pairs[int(values[:144].argmax())][0].measured_at.hour in (14, 15)
    np.testing.assert_allclose(values[:144], values[144:288], atol=0.05)


def test_trend() -> None:
    """A trend adds its amount a day."""
    values = column(
        played(plant({"t": {"baseline": 5, "trend_per_day": 2.0, "decimals": 4}}, interval_s=600), 86_400), "t"
    )
    assert values[-1] - values[0] == pytest.approx(2, abs=0.05)


def test_drivers_correlate_metrics() -> None:
    """Metrics that follow one driver are correlated by the signs of their gains; a third one is not."""
    metrics = {
        "a": {"baseline": 0, "noise": 0.2, "follows": {"load": 1.0}, "decimals": 6},
        "b": {"baseline": 0, "noise": 0.2, "follows": {"load": -2.0}, "decimals": 6},
        "c": {"baseline": 0, "noise": 0.2, "decimals": 6},
    }
    pairs = played(plant(metrics, drivers={"load": {"time_constant_s": 5}}), 20_000)
    a, b, c = (column(pairs, name) for name in "abc")
    assert np.corrcoef(a, b)[0, 1] < -0.95
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.05
    assert a.std() == pytest.approx(np.hypot(1, 0.2), rel=0.1)


def test_duty_cycle_switches_the_machine_off_and_on() -> None:
    """While the machine is off its metrics fall to their off values, with their own ramps; others do not care."""
    metrics = {
        "rpm": {"baseline": 1500, "off": 0, "ramp_s": 1, "decimals": 4},
        "heat": {"baseline": 80, "off": 20, "ramp_s": 60, "decimals": 4},
        "room": {"baseline": 21, "decimals": 4},
    }
    pairs = played(plant(metrics, duty={"on_s": [100, 140], "off_s": [40, 60]}), 5_000)
    rpm, heat, room = (column(pairs, name) for name in metrics)
    running = np.mean(rpm > 750)
    assert running == pytest.approx(120 / 170, abs=0.05)
    assert rpm.min() < 1
    assert rpm.max() > 1499
    assert 20 < heat.min() < 60
    assert set(room) == {21.0}


def test_limits_and_resolution() -> None:
    """Values stay within the sensor's limits and on its resolution."""
    values = column(
        played(plant({"h": {"baseline": 99, "noise": 2, "low": 0, "high": 100, "decimals": 1}}), 2_000), "h"
    )
    assert values.max() == 100
    assert all(value == round(value, 1) for value in values)


def test_a_metric_in_every_nth_reading() -> None:
    """A slow metric is absent from the readings between."""
    pairs = played(plant({"a": {"baseline": 1}, "b": {"baseline": 2, "every": 4}}), 100)
    assert sum("b" in reading.values for reading, _ in pairs) == 25


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([0.001, 0.01, 0.25, 1.0, 60.0]), st.floats(0, 0.9))
def test_rates_from_a_thousand_a_second_to_one_a_minute(interval: float, jitter: float) -> None:
    """Readings come at their rate, in order, each within its jitter."""
    scenario = plant({"t": {"baseline": 1}}, interval_s=interval)
    group = scenario.devices[0].model_copy(update={"jitter": jitter})
    pairs = played(scenario.model_copy(update={"devices": (group,)}), 600 * interval)
    times = np.array([seconds(reading.measured_at) for reading, _ in pairs])
    assert 598 <= len(times) <= 601
    assert np.all(np.diff(times) > 0)
    assert np.abs(np.diff(times) - interval).max() <= jitter * interval + 2e-6
