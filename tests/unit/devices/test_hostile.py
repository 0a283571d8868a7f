"""Whatever is sent, nothing is raised, names stay names, numbers stay finite, and memory stays bounded."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from math import isfinite
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.topics import is_name
from devices.bounded import Bounded
from devices.formats.sparkplug_wire import WireError, decode_payload
from devices.profiles.profile import Limits, ProfileFile
from devices.recognizer import Recognizer
from devices.semantics.interpreter import Interpreter
from tests.unit.devices.samples_on_file import NOW, all_samples, payload_of
from tocsin.foreign.telegram_json import telegram_json

if TYPE_CHECKING:
    from pathlib import Path

    from devices.telegram import Telegram

REAL = [(one["topic"], payload_of(one)) for samples in all_samples() for one in samples.messages]
WORDS = sorted({level for topic, _ in REAL for level in topic.split("/")})
TOPICS = st.one_of(
    st.sampled_from([topic for topic, _ in REAL]),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), min_size=1, max_size=7).map("/".join),
)
KEYS = [*WORDS, "n", "v", "bn", "t", "fields", "name", "ts", "values", "deviceInfo", "end_device_ids", "params", "data"]
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12))
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)),
    max_leaves=20,
)
PAYLOADS = st.one_of(
    st.sampled_from([payload for _, payload in REAL]),
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    JSON.map(lambda value: json.dumps(value).encode()),
)


def check(telegram: Telegram) -> None:
    """See that a telegram holds only what may be in one."""
    for reading in telegram.readings:
        assert is_name(reading.device)
        assert all(is_name(name) and isfinite(value) for name, value in reading.metrics.items())
        assert len(reading.metrics) <= 5000
        assert all(len(text) <= 200 for text in reading.labels.values())
    assert json.dumps(telegram_json(telegram))


@settings(max_examples=300)
@given(messages=st.lists(st.tuples(TOPICS, PAYLOADS, st.booleans()), min_size=1, max_size=8))
def test_no_message_raises(messages: list[tuple[str, bytes, bool]]) -> None:
    """Any topic with any payload, one after the other, through recognition and semantics."""
    reader, interpreter = Recognizer(), Interpreter(ProfileFile(limits=Limits(devices=5, metrics_per_device=8)))
    for topic, payload, retained in messages:
        telegram = reader.read(topic, payload, NOW, retained=retained)
        check(telegram)
        for ready in interpreter.take(telegram, NOW, retained=retained):
            assert len(ready.reading.values) <= 16
    assert len(interpreter.memories.by_device) <= 5


@settings(max_examples=200)
@given(number=st.integers(0, len(REAL) - 1), seed=st.integers(0, 2**32))
def test_damaged_messages_do_not_raise(number: int, seed: int) -> None:
    """Real messages with bytes changed, cut and doubled."""
    topic, payload = REAL[number]
    random = Random(seed)  # noqa: S311 - no secret
    raw = bytearray(payload)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(raw) + 1)
        raw[at : at + random.randint(0, 3)] = random.randbytes(random.randint(0, 3))
    check(Recognizer().read(topic, bytes(raw), NOW))


@given(raw=st.binary(max_size=300))
def test_any_bytes_are_a_sparkplug_payload_or_refused(raw: bytes) -> None:
    """The wire reader has one error of its own and no other."""
    try:
        decode_payload(raw)
    except WireError:
        return


def test_memory_of_discovery_is_bounded() -> None:
    """Ten thousand invented devices do not stay for ever."""
    reader = Recognizer()
    config = '{"state_topic": "x/%d", "name": "d%d", "device": {"name": "d%d"}}'
    for number in range(25_000):
        reader.read(f"homeassistant/sensor/d{number}/config", (config % (number, number, number)).encode(), NOW)
    assert len(reader.knowledge.entities) <= 20_000


def test_a_bounded_mapping_forgets_the_oldest() -> None:
    """What was written longest ago goes, and is counted."""
    known: Bounded[int, int] = Bounded(3)
    for number in range(5):
        known[number] = number
    assert [key for key, _ in known.items()] == [2, 3, 4]
    assert known.forgotten == 2


def test_the_collection_of_hostile_messages_is_survived(shared: Path) -> None:
    """Every line of it, on its own topic and on those of foreign devices."""
    reader = Recognizer(own_prefix="ours")
    for line in (shared / "corpora" / "hostile.jsonl").read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        raw = sample.get("payload_b64") or sample.get("payload") or ""
        for topic in (str(sample.get("topic", "x/y")), "zigbee2mqtt/a", "homeassistant/sensor/a/config", "plain/a"):
            check(reader.read(topic, str(raw).encode("utf-8", "surrogatepass"), datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("size", [300_000, 5_000_000])
def test_a_message_beyond_all_measure_is_refused(size: int) -> None:
    """Before anything looks at it."""
    assert Recognizer().read("a/b", b"1" * size, NOW).kind == "dead_letter"
