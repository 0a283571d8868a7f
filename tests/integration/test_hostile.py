"""Hostile messages through broker, detector and explainer: each ends as a reading or a dead letter, none in the way."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from contracts.topics import Topics
from runtime.mqtt.bus import MqttBus
from tests.plant import Plant, wait_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TOPICS = Topics()
GOOD = b'{"temperature": 21.5}'
BAD = {
    "not_json": b"device=dev1,value=21.5",
    "not_an_object": b"21.5",
    "not_utf8": b'{"\xff": 1}',
    "duplicate_key": b'{"t": 1, "t": 2}',
    "not_a_number": b'{"t": "21.5"}',
    "out_of_bounds": b'{"t": 1e39}',
    "too_deep": b"[" * 60_000,
    "too_large": b'{"t": 1, "x": "' + b"x" * 70_000 + b'"}',
    "device_mismatch": b'{"device": "another", "t": 1}',
    "bad_time": b'{"t": 1, "measured_at": "yesterday"}',
}


def dead_letters(plant: Plant) -> list[tuple[str, str, int]]:
    """Read (reason, detail, size) of the stored dead letters."""
    with closing(sqlite3.connect(plant.database)) as connection:
        return connection.execute("SELECT reason, detail, size FROM dead_letters ORDER BY id").fetchall()


def send(plant: Plant, payloads: list[bytes]) -> None:
    """Publish payloads as readings of one device, each followed by a good one."""
    bus = MqttBus(plant.connection, client_id="hostile", lasting=False)
    bus.start()
    assert bus.wait_connected(10)
    for payload in payloads:
        assert bus.publish(TOPICS.readings("dev1"), payload).wait(10)
        assert bus.publish(TOPICS.readings("dev1"), GOOD).wait(10)
    bus.stop()


def test_each_bad_message_is_kept_with_its_reason(tmp_path: Path) -> None:
    """Every bad payload becomes one dead letter with its reason and size; the good reading behind it is taken."""
    with Plant(tmp_path) as plant:
        send(plant, list(BAD.values()))
        wait_for(lambda: plant.taken() == len(BAD), 30, "the good readings are taken")
        wait_for(lambda: len(dead_letters(plant)) == len(BAD), 30, "the bad ones are stored as dead letters")
        letters = dead_letters(plant)
    assert {reason: size for reason, _, size in letters} == {reason: len(payload) for reason, payload in BAD.items()}
    assert all(detail for _, detail, _ in letters)


def test_recorded_hostile_messages_are_survived(tmp_path: Path, shared: Path) -> None:
    """Each recorded hostile payload ends as a reading or a dead letter with a reason, and the next message is fine."""
    rows = [json.loads(line) for line in (shared / "corpora/hostile.jsonl").read_text().splitlines()]
    payloads = [
        row["payload"].encode("utf-8", "surrogatepass") if "payload" in row else base64.b64decode(row["payload_b64"])
        for row in rows
    ]
    with Plant(tmp_path, TOCSIN_DEAD_LETTERS_PER_MINUTE="1000") as plant:
        send(plant, payloads)
        wait_for(
            lambda: plant.taken() + len(dead_letters(plant)) == 2 * len(payloads), 60, "every message is accounted for"
        )
        assert plant.taken() >= len(payloads)
        assert all(reason and detail for reason, detail, _ in dead_letters(plant))
        assert set(plant.alive()) == {"detector", "explainer"}
