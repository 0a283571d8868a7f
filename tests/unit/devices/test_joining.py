"""Values on topics of their own become rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.profiles.profile import Override, ProfileFile
from tests.unit.devices.listener import START, Listener, values

if TYPE_CHECKING:
    from devices.semantics.ordering import Ready


def test_values_within_the_window_are_one_row() -> None:
    """It opens with the first value and closes when the window is over."""
    listener = Listener()
    assert listener.hear(0, "a/pump/flow", "5") == []
    assert listener.hear(1, "a/pump/heat", "60") == []
    assert listener.wait(1.5) == []
    ready = listener.wait(2.1)
    assert values(ready) == [{"flow": 5, "heat": 60}]
    assert ready[0].reading.measured_at == START


def test_a_row_closes_early_when_every_usual_metric_has_come() -> None:
    """Nobody waits for what is there."""
    listener = Listener()
    listener.hear(0, "a/pump/flow", "5")
    listener.hear(1, "a/pump/heat", "60")
    listener.wait(3)
    listener.hear(10, "a/pump/heat", "61")
    assert values(listener.hear(10.2, "a/pump/flow", "6")) == [{"heat": 61, "flow": 6}]


def test_a_metric_that_comes_again_begins_a_new_row() -> None:
    """Two values of one metric are two moments."""
    listener = Listener()
    listener.hear(0, "a/pump/flow", "5")
    listener.hear(0.1, "a/pump/heat", "60")
    assert values(listener.hear(0.5, "a/pump/flow", "6")) == [{"flow": 5, "heat": 60}]


def test_a_metric_that_stays_away_is_no_longer_waited_for() -> None:
    """After some rows without it the others are enough."""
    listener = Listener()
    listener.hear(0, "a/pump/flow", "5")
    listener.hear(0.1, "a/pump/heat", "60")
    listener.wait(3)
    for turn in range(1, 8):
        listener.hear(turn * 10, "a/pump/flow", "5")
        listener.wait(turn * 10 + 3)
    assert values(listener.hear(100, "a/pump/flow", "5")) == [{"flow": 5}]


def test_the_join_window_is_set_for_a_device() -> None:
    """An override wins over the file's."""
    listener = Listener(ProfileFile(join="2s", overrides={"a/*": Override(join="10s")}))
    listener.hear(0, "a/pump/flow", "5")
    assert listener.wait(9) == []
    assert values(listener.wait(11)) == [{"flow": 5}]


def test_a_partial_update_is_a_partial_reading() -> None:
    """What was not said is absent, what is null is no value."""
    listener = Listener()
    listener.hear(0, "s/events/rpc", frame({"switch:0": {"apower": 5.5, "voltage": 230}}))
    ready = listener.hear(1, "s/events/rpc", frame({"switch:0": {"apower": None}}))
    assert values(ready) == [{"switch:0.apower": None}]


def frame(params: dict[str, object]) -> dict[str, object]:
    """Make a notification of a Shelly."""
    return {"src": "s", "method": "NotifyStatus", "params": params}


def bursts(listener: Listener, pause: float, offsets: dict[str, float], count: int) -> list[Ready]:
    """Let a device send its values so often, each so long after the beginning of a burst."""
    ready: list[Ready] = []
    for turn in range(count):
        for metric, offset in offsets.items():
            ready += listener.wait(turn * pause + offset)
            ready += listener.hear(turn * pause + offset, f"a/pump/{metric}", "1")
    return ready


def test_the_join_window_is_learned_from_bursts() -> None:
    """A slow burst is one row all the same, and nobody waits long for what a quick one left out."""
    slow = Listener(ProfileFile())
    rows = values(bursts(slow, 60, {"flow": 0, "heat": 3, "level": 5}, 12))
    assert rows[-4:] == [{"flow": 1, "heat": 1, "level": 1}] * 4
    quick = Listener(ProfileFile())
    bursts(quick, 10, {"flow": 0, "heat": 0.1}, 6)
    assert quick.hear(100, "a/pump/flow", "2") == []
    assert quick.wait(100.1) == []
    assert values(quick.wait(100.3)) == [{"flow": 2}]


def test_values_without_bursts_leave_the_window_as_it_is() -> None:
    """Nothing is learned from values that come evenly."""
    listener = Listener(ProfileFile())
    bursts(listener, 4, {"flow": 0, "heat": 1, "level": 2, "speed": 3}, 10)
    assert listener.interpreter.memories.by_device["a/pump"].bursts.window() == 2.0
