"""The outbox: owed until confirmed."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from runtime.outbox import FIRST_WAIT_S, LONGEST_WAIT_S, SCHEMA, Outbox


def new_outbox() -> Outbox:
    """An outbox in memory."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    return Outbox(connection)


def test_a_message_is_due_until_it_is_settled() -> None:
    """An owed message comes again after its wait, and never once it is settled."""
    outbox = new_outbox()
    outbox.add("a", "t", b"1", now=0)
    assert [one.id for one in outbox.due(0, 10)] == ["a"]
    assert outbox.due(FIRST_WAIT_S - 1, 10) == []
    assert [one.payload for one in outbox.due(FIRST_WAIT_S, 10)] == [b"1"]
    assert outbox.settle(["a", "b"]) == 1
    assert outbox.due(1e9, 10) == []
    assert outbox.size() == 0


def test_waits_double_up_to_their_limit() -> None:
    """A message that nobody confirms is sent less and less often, but for ever."""
    outbox = new_outbox()
    outbox.add("a", "t", b"1", now=0)
    now, waits = 0.0, []
    for _ in range(8):
        assert outbox.due(now, 1)
        wait = FIRST_WAIT_S
        while not outbox_is_due(outbox, now + wait):
            wait *= 2
        waits.append(min(wait, LONGEST_WAIT_S))
        now += waits[-1]
    assert waits == sorted(waits)
    assert waits[0] == FIRST_WAIT_S
    assert waits[-1] == LONGEST_WAIT_S


def outbox_is_due(outbox: Outbox, now: float) -> bool:
    """Ask without taking."""
    query = "SELECT count(*) FROM outbox WHERE next_at <= ?"
    return bool(outbox._connection.execute(query, (now,)).fetchone()[0])


def test_a_return_makes_everything_due() -> None:
    """After a reconnection nothing waits for its backoff."""
    outbox = new_outbox()
    for name in "abc":
        outbox.add(name, "t", b"", now=0)
    outbox.due(0, 10)
    outbox.hasten(1)
    assert [one.id for one in outbox.due(1, 10)] == ["a", "b", "c"]


def test_owing_twice_is_owing_once() -> None:
    """A message that is owed already keeps its place."""
    outbox = new_outbox()
    outbox.add("a", "t", b"1", now=0)
    outbox.add("a", "t", b"2", now=5)
    assert [one.payload for one in outbox.due(5, 10)] == [b"1"]


@given(st.lists(st.tuples(st.sampled_from("adst"), st.integers(0, 5), st.floats(0, 100)), max_size=60))
def test_nothing_is_lost_but_by_settling(steps: list[tuple[str, int, float]]) -> None:
    """Whatever is added, sent, hastened or settled in any order: owed is what was added and not settled since."""
    outbox = new_outbox()
    owed: set[str] = set()
    for action, number, now in steps:
        name = str(number)
        if action == "a":
            outbox.add(name, "t", b"", now)
            owed.add(name)
        elif action == "d":
            outbox.due(now, 2)
        elif action == "s":
            outbox.settle([name])
            owed.discard(name)
        else:
            outbox.hasten(now)
    outbox.hasten(0)
    assert {one.id for one in outbox.due(1e6, 100)} == owed
