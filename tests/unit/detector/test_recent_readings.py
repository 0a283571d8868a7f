"""The ring of recent readings: what was measured and found, bounded, the same after a restart."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from detector.store.reading_log import LoggedReading
from detector.store.recent_readings import RecentReadings
from detector.store.state import StateError, StateFile
from tests.unit.detector.rig import START, TOPICS, Rig, readings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOPIC = TOPICS.readings("pump")
FAULTS = (70, 71, 72)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A started detector that has seen a fault."""
    made = Rig(tmp_path)
    made.start()
    for payload in readings(100, FAULTS):
        made.broker.publish(TOPIC, payload)
    made.drain()
    yield made
    made.service.stop()


def test_a_window_holds_what_was_measured_and_found(rig: Rig) -> None:
    """Values, score and verdict of every reading are there while the detector runs, a band near each."""
    rows = RecentReadings(rig.directory / "state.db").window("pump")
    assert len(rows) == 100
    assert [row.measured_at for row in rows] == [START + timedelta(seconds=n) for n in range(100)]
    assert {n for n in FAULTS if rows[n].alarm} == set(FAULTS)
    assert rows[70].score is not None
    assert rows[60].score is not None
    assert rows[70].score > rows[60].score
    assert rows[70].values["temperature"] == pytest.approx(110, abs=5)
    band = next(row.band for row in rows[50:] if row.band is not None)
    assert band.lower["temperature"] < band.expected["temperature"] < band.upper["temperature"]


def test_a_window_is_bounded_by_time_and_by_rows(rig: Rig) -> None:
    """`since` counts in, `until` does not, and `limit` keeps the newest."""
    ring = RecentReadings(rig.directory / "state.db")
    rows = ring.window("pump", START + timedelta(seconds=10), START + timedelta(seconds=20), limit=3)
    assert [row.measured_at.second for row in rows] == [17, 18, 19]
    assert ring.window("nobody") == []
    assert [(one.name, one.readings) for one in ring.devices()] == [("pump", 100)]


def test_a_restart_keeps_the_ring(rig: Rig) -> None:
    """A killed detector comes back with the same rows."""
    ring = RecentReadings(rig.directory / "state.db")
    before = ring.window("pump")
    rig.kill()
    rig.start()
    assert ring.window("pump") == before


def test_old_readings_are_swept_in_portions(tmp_path: Path) -> None:
    """What arrived before the limit goes, as far as snapshots cover it; what is newer stays."""
    state = StateFile(tmp_path / "state.db")
    state.open()
    with state.transaction():
        numbers = [state.add_device(name) for name in ("pump", "new")]
        state._connection.execute("UPDATE devices SET position = 4500 WHERE name = 'pump'")
        at = [datetime.fromtimestamp(1000.0 + n, UTC) for n in range(5000)]
        rows = [LoggedReading(n + 1, numbers[n % 10 == 0], f"{n:032x}", at[n], b"{}") for n in range(5000)]
        state.readings.add(rows)
        went = [state.readings.sweep(before=1000.0 + 4900) for _ in range(4)]
    assert went == [2000, 2000, 50, 0]
    kept = state._connection.execute("SELECT device, count(*) FROM readings GROUP BY device").fetchall()
    assert kept == [(1, 450), (2, 500)]
    state.close()


def test_a_file_of_the_first_version_is_read(tmp_path: Path) -> None:
    """A detector that was updated keeps its readings; what was not noted then is unknown."""
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(
            "CREATE TABLE devices (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, snapshot BLOB,"
            " position INTEGER NOT NULL DEFAULT 0, model_version INTEGER NOT NULL DEFAULT 0);"
            "CREATE TABLE readings (position INTEGER PRIMARY KEY, device INTEGER NOT NULL, reading_id BLOB NOT NULL,"
            " received_at REAL NOT NULL, payload BLOB NOT NULL);"
            "INSERT INTO devices (name) VALUES ('pump');"
            "PRAGMA user_version = 1;"
        )
        old.execute("INSERT INTO readings VALUES (1, 1, x'00', 1000.0, ?)", (b'{"temperature": 21.5}',))
        old.commit()
    state = StateFile(path)
    state.open()
    state.close()
    (row,) = RecentReadings(path).window("pump")
    assert (row.values, row.measured_at.timestamp(), row.score, row.alarm) == ({"temperature": 21.5}, 1000, None, False)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """Who asks before the detector has ever run is told which file is missing."""
    with pytest.raises(StateError, match=r"state\.db"):
        RecentReadings(tmp_path / "state.db").window("pump")
