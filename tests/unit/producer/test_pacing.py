from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.service import ServiceStatus
from producer.pacing import Pacer


def detector(position: int | None, run: str = "r", instance: str = "1", *, online: bool = True) -> ServiceStatus:
    return ServiceStatus(
        service="detector",
        instance=instance,
        state="online" if online else "offline",
        position=None if position is None else {run: position},
    )


def test_a_run_waits_for_a_detector() -> None:
    """Without a detector a run may send nothing; with one it may send up to the limit."""
    pacer = Pacer("r", 100)
    assert pacer.allowance == 0
    pacer.observe(detector(None), 0)
    assert pacer.allowance == 100


def test_live_readings_go_on_without_a_detector() -> None:
    """Live readings are sent at their own pace when nobody listens."""
    pacer = Pacer(None, 100)
    pacer.sent(1_000)
    assert pacer.allowance == 100


def test_the_limit_holds() -> None:
    """What was sent and not taken in counts against the limit."""
    pacer = Pacer("r", 100)
    pacer.observe(detector(0), 0)
    pacer.sent(100)
    assert (pacer.allowance, pacer.ahead) == (0, 100)
    pacer.observe(detector(30), 1)
    assert (pacer.allowance, pacer.ahead) == (30, 70)


def test_a_detector_that_goes_holds_a_run() -> None:
    """A run waits while the detector is offline, and goes on from its position."""
    pacer = Pacer("r", 100)
    pacer.observe(detector(0), 0)
    pacer.sent(50)
    pacer.observe(detector(None, online=False), 1)
    assert (pacer.detector_online, pacer.allowance) == (False, 0)
    pacer.observe(detector(40), 2)
    assert (pacer.allowance, pacer.ahead) == (90, 10)


def test_positions_of_several_detectors_add_up() -> None:
    """Each detector takes its share of a run."""
    pacer = Pacer("r", 100)
    pacer.sent(80)
    pacer.observe(detector(30, instance="1"), 0)
    pacer.observe(detector(20, instance="2"), 0)
    assert pacer.ahead == 30


def test_other_services_and_runs_do_not_count() -> None:
    """Only detectors' positions of this run count."""
    pacer = Pacer("r", 100)
    pacer.observe(ServiceStatus(service="explainer", instance="1", state="online", position={"r": 5}), 0)
    assert not pacer.detector_online
    pacer.observe(detector(70, run="other"), 0)
    assert pacer.taken == 0


def test_a_resumed_run_counts_what_was_sent_before() -> None:
    """The position of a run counts from its beginning, so does what was sent."""
    pacer = Pacer("r", 100, sent=500)
    pacer.observe(detector(480), 0)
    assert pacer.ahead == 20


def test_lost_readings_are_given_up() -> None:
    """When a detector speaks for the patience without progress, what is missing is given up and sending goes on."""
    pacer = Pacer("r", 100, patience=30)
    pacer.observe(detector(0), 0)
    pacer.sent(100)
    pacer.observe(detector(60), 10)
    pacer.observe(detector(60), 39)
    assert (pacer.given_up, pacer.ahead) == (0, 40)
    pacer.observe(detector(60), 41)
    assert (pacer.given_up, pacer.ahead, pacer.allowance) == (40, 0, 100)


def test_readings_given_up_may_still_come() -> None:
    """Late progress after giving up never makes the count negative or larger than the limit."""
    pacer = Pacer("r", 100, patience=30)
    pacer.observe(detector(0), 0)
    pacer.sent(100)
    pacer.observe(detector(0), 31)
    pacer.observe(detector(100), 32)
    pacer.sent(10)
    assert (pacer.ahead, pacer.allowance) == (10, 90)


def test_an_absent_detector_loses_nothing() -> None:
    """While the detector is offline nothing is given up: the broker keeps it."""
    pacer = Pacer("r", 100, patience=30)
    pacer.observe(detector(0), 0)
    pacer.sent(100)
    pacer.observe(detector(None, online=False), 1)
    pacer.observe(detector(None, online=False), 500)
    pacer.observe(detector(0), 501)
    assert (pacer.given_up, pacer.ahead) == (0, 100)


def test_live_counts_from_the_first_status() -> None:
    """The live position is older than we: only its growth counts."""
    pacer = Pacer(None, 100)
    pacer.sent(7)
    pacer.observe(detector(1_000_000, run="live"), 0)
    pacer.sent(60)
    assert pacer.ahead == 60
    pacer.observe(detector(1_000_020, run="live"), 1)
    assert pacer.ahead == 40


def test_live_readings_of_others_do_not_give_credit() -> None:
    """Readings of other publishers move the live position, but never let us run further ahead."""
    pacer = Pacer(None, 100)
    pacer.observe(detector(0, run="live"), 0)
    pacer.observe(detector(5_000, run="live"), 1)
    pacer.sent(150)
    assert pacer.allowance == 0


def test_a_live_position_that_begins_again() -> None:
    """A detector that lost its state begins at nothing; we count anew."""
    pacer = Pacer(None, 100)
    pacer.observe(detector(500, run="live"), 0)
    pacer.sent(50)
    pacer.observe(detector(3, run="live"), 1)
    pacer.sent(10)
    assert pacer.ahead == 10


def test_refused_readings_are_not_on_the_way() -> None:
    """A reading that the detector could not use makes room; its dead letter may come late or twice."""
    pacer = Pacer("r", 100, patience=10)
    pacer.observe(detector(0), 0)
    pacer.sent(100)
    pacer.refuse("invalid", 1)
    pacer.observe(detector(97), 2)
    assert (pacer.ahead, pacer.allowance) == (2, 98)
    pacer.observe(detector(97), 12)
    assert (pacer.ahead, pacer.given_up) == (0, 2)
    for _ in range(3):
        pacer.refuse("bad_time", 13)
    assert (pacer.ahead, pacer.given_up, pacer.unusable) == (0, 0, {"invalid": 1, "bad_time": 2})


def test_nothing_is_waited_for_longer_than_ten_seconds() -> None:
    """Unless told otherwise, ten seconds without progress of a detector that speaks are enough."""
    pacer = Pacer("r")
    pacer.observe(detector(0), 0)
    pacer.sent(1)
    pacer.observe(detector(0), 10)
    assert (pacer.ahead, pacer.given_up) == (0, 1)


class Pacing(RuleBasedStateMachine):
    """A sender that obeys its pacer, a broker that loses readings, a detector that comes and goes."""

    LIMIT = 50

    def __init__(self) -> None:
        super().__init__()
        self.pacer = Pacer("r", self.LIMIT, patience=30)
        self.now = 0.0
        self.on_the_way = 0
        self.taken = 0
        self.sent = 0
        self.lost = 0
        self.online = False

    @rule(count=st.integers(1, 80))
    def send(self, count: int) -> None:
        allowed = min(count, self.pacer.allowance)
        self.pacer.sent(allowed)
        self.sent += allowed
        self.on_the_way += allowed

    @rule(count=st.integers(1, 80))
    def take(self, count: int) -> None:
        if self.online:
            count = min(count, self.on_the_way)
            self.taken += count
            self.on_the_way -= count

    @rule(count=st.integers(1, 20))
    def lose(self, count: int) -> None:
        count = min(count, self.on_the_way)
        self.on_the_way -= count
        self.lost += count

    @rule(seconds=st.floats(0.1, 5))
    def say(self, seconds: float) -> None:
        self.now += seconds
        if self.online:
            self.pacer.observe(detector(self.taken), self.now)

    @rule()
    def come_or_go(self) -> None:
        self.online = not self.online
        self.pacer.observe(detector(self.taken if self.online else None, online=self.online), self.now)

    @precondition(lambda self: self.online)
    @rule()
    def settle(self) -> None:
        """Given time, a detector that takes everything lets the run go on, whatever was lost."""
        self.taken += self.on_the_way
        self.on_the_way = 0
        for _ in range(70):
            self.now += 1
            self.pacer.observe(detector(self.taken), self.now)
        assert self.pacer.allowance == self.LIMIT

    @invariant()
    def the_limit_holds(self) -> None:
        assert 0 <= self.pacer.allowance <= self.LIMIT
        assert 0 <= self.pacer.ahead <= self.LIMIT
        assert self.on_the_way <= self.LIMIT + self.pacer.given_up

    @invariant()
    def nobody_sends_to_nobody(self) -> None:
        assert self.online or self.pacer.allowance == 0


TestPacing = Pacing.TestCase
