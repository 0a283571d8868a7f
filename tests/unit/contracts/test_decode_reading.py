"""Readings from bytes: what is taken, what is refused and why."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codec import encode
from contracts.decode_reading import careful_reading, decode_reading
from contracts.errors import DecodeError
from contracts.reading import Reading, reading_id
from contracts.topics import is_name
from contracts.wire_reading import MAX_MAGNITUDE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

metric_names = st.text(min_size=1, max_size=128).filter(is_name)
numbers = st.one_of(st.none(), st.floats(-MAX_MAGNITUDE, MAX_MAGNITUDE), st.integers(-(2**70), 2**70).map(float))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False), st.integers(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=12,
)


def read(payload: str | bytes, device: str = "boiler") -> Reading:
    """Decode as the detector does."""
    return decode_reading(payload.encode() if isinstance(payload, str) else payload, device, NOW)


@given(
    st.dictionaries(metric_names, numbers, min_size=1, max_size=20),
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.one_of(st.none(), st.integers(0, 2**63 - 1)),
)
def test_a_reading_survives_the_wire(values: dict[str, float | None], at: datetime, seq: int | None) -> None:
    """Decoding what was encoded gives the same reading."""
    reading = Reading(device="boiler", values=values, measured_at=at, seq=seq, clock="replay", run="r1")
    assert read(encode(reading)) == reading


def test_a_flat_object_of_numbers_is_a_reading() -> None:
    """The simplest publisher needs nothing but names and numbers; the arrival stands in for the time."""
    reading = read('{"temperature": 21.5, "Volume Flow RateRMS": null, "run": 3}')
    assert reading.values == {"temperature": 21.5, "Volume Flow RateRMS": None, "run": 3.0}
    assert reading.measured_at == NOW
    assert reading.device == "boiler"


def test_a_flat_object_may_carry_its_time() -> None:
    """Envelope fields keep their meaning in the flat form."""
    reading = read('{"temperature": 21.5, "measured_at": "2026-01-31T13:00:00+02:00", "seq": 7, "run": "a"}')
    assert reading.measured_at == datetime(2026, 1, 31, 11, tzinfo=UTC)
    assert (reading.values, reading.seq, reading.run) == ({"temperature": 21.5}, 7, "a")


def test_unknown_fields_beside_values_are_ignored() -> None:
    """A later version may say more than this one understands."""
    assert read('{"values": {"t": 1}, "firmware": "1.2"}').values == {"t": 1.0}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", "not_json"),
        ("21.5", "not_an_object"),
        ("{}", "no_values"),
        ('{"values": {}}', "no_values"),
        ('{"values": [1]}', "invalid"),
        ('{"t": 1} {"t": 2}', "not_json"),
        ('{"t": 1, "t": 2}', "duplicate_key"),
        ('{"values": {"t": 1, "\\u0074": 2}}', "duplicate_key"),
        ('{"t": "x:y", "t": "x"}', "duplicate_key"),
        ('{"t": NaN}', "not_json"),
        ('{"t": 1e400}', "not_json"),
        ('{"t": 1e39}', "out_of_bounds"),
        ('{"t": true}', "not_a_number"),
        ('{"t": "21.5"}', "not_a_number"),
        ('{"t": {"v": 1}}', "not_a_number"),
        ('{"t\\u0000": 1}', "bad_name"),
        ('{"   ": 1}', "bad_name"),
        ('{"t": 1, "device": "other"}', "device_mismatch"),
        ('{"t": 1, "measured_at": "2026-01-31T12:00:00"}', "bad_time"),
        ('{"t": 1, "measured_at": "2026-12-31T23:59:60Z"}', "bad_time"),
        ('{"t": 1, "measured_at": "0001-01-01T00:00:00+14:00"}', "bad_time"),
        ('{"t": 1, "measured_at": 1700000000}', "bad_time"),
        ('{"t": 1, "seq": 18446744073709551616}', "invalid"),
        ('{"t": 1, "seq": true}', "invalid"),
        ('{"t": 1, "clock": "sundial"}', "invalid"),
        ('{"t": 1, "schema": 2}', "unknown_schema"),
        ('{"t": 1, "units": {"t": "\\u202e"}}', "invalid"),
        ("[" * 60_000, "too_deep"),
        ('{"a":' * 40 + "1" + "}" * 40, "too_deep"),
        ('{"t": ' + "9" * 5000 + "}", None),
        ('{"t": 1, "x": "' + "x" * 70_000 + '"}', "too_large"),
        (b'{"t": 1}\x00', "not_json"),
        ('{"t": 1}'.encode("utf-16"), None),
        (b'{"\xff": 1}', None),
    ],
)
def test_what_is_wrong_is_named(payload: str | bytes, reason: str | None) -> None:
    """Every kind of bad payload is refused with its own reason, and the raw bytes are kept."""
    raw = payload.encode() if isinstance(payload, str) else payload
    with pytest.raises(DecodeError) as caught:
        read(raw)
    assert caught.value.payload == raw
    assert len(str(caught.value)) < 400
    if reason is not None:
        assert caught.value.reason == reason


def test_the_error_names_field_value_and_expectation() -> None:
    """A person can mend the device from the error's text alone."""
    with pytest.raises(DecodeError, match=r"field 'values.temperature' is '21.5', expected a number or null"):
        read('{"values": {"temperature": "21.5"}}')


def test_colons_in_text_are_no_duplicate() -> None:
    """Names and units with colons are fine."""
    assert read('{"values": {"a:b": 1}, "units": {"a:b": "m:s"}, "x": "\\u003a"}').values == {"a:b": 1.0}


def outcome(decoder: Callable[[bytes, str, datetime], Reading], payload: bytes) -> Reading | str:
    """Decode, or say why not."""
    try:
        return decoder(payload, "boiler", NOW)
    except DecodeError as error:
        return error.reason


wire_texts = st.one_of(st.just("boiler"), st.text(max_size=6), st.sampled_from(["a:b", "2026-01-31T12:00:00Z"]))
wire_values = st.one_of(json_values, numbers, wire_texts)
wire_objects = st.fixed_dictionaries(
    {"values": st.one_of(wire_values, st.dictionaries(st.sampled_from("abc"), wire_values))},
    optional={
        "device": wire_texts,
        "measured_at": st.one_of(wire_values, st.datetimes().map(lambda at: at.isoformat() + "Z")),
        "seq": st.one_of(wire_values, st.integers()),
        "units": st.one_of(wire_values, st.dictionaries(st.sampled_from("abc"), wire_texts)),
        "clock": st.sampled_from(["device", "replay", "x", None]),
        "run": wire_texts,
        "schema": st.sampled_from([1, 2, None]),
        "x": wire_values,
    },
)


@given(wire_objects, st.lists(st.sampled_from(["seq", "values", "run"]), max_size=1))
def test_the_quick_way_agrees_with_the_careful_one(fields: dict[str, object], repeated: list[str]) -> None:
    """Whatever the payload, duplicate keys included, both ways give the same reading or the same refusal."""
    text = json.dumps(fields)
    for key in repeated:
        text = text[:-1] + f', "{key}": {json.dumps(fields.get(key, 1))}' + "}"
    assert outcome(decode_reading, text.encode()) == outcome(careful_reading, text.encode())


@given(st.one_of(st.binary(max_size=200), json_values.map(lambda value: json.dumps(value).encode())))
def test_no_payload_escapes_as_another_error(payload: bytes) -> None:
    """Whatever comes in, it is a reading or a DecodeError."""
    try:
        read(payload)
    except DecodeError as error:
        assert error.reason  # noqa: PT017 - both ends are fine


def test_hostile_messages_end_as_reading_or_dead_letter(shared: Path) -> None:
    """The recorded hostile payloads are each taken or refused with a reason."""
    rows = [json.loads(line) for line in (shared / "corpora/hostile.jsonl").read_text().splitlines()]
    assert len(rows) >= 80
    for row in rows:
        raw = (
            row["payload"].encode("utf-8", "surrogatepass")
            if "payload" in row
            else base64.b64decode(row["payload_b64"])
        )
        try:
            read(raw, "dev1")
        except DecodeError as error:
            assert error.reason  # noqa: PT017


def test_reading_ids_follow_content() -> None:
    """Equal readings have one id, others another; readings without time or sequence differ by arrival."""
    assert reading_id("a", b"x") == reading_id("a", b"x")
    assert (
        len({reading_id("a", b"x"), reading_id("b", b"x"), reading_id("a", b"y"), reading_id("a", b"x", arrival="1")})
        == 4
    )
    assert reading_id("ab", b"c") != reading_id("a", b"bc")
