"""Profile files: what they may say, how they read messages, and what is said of mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from devices.profiles.document import ProfileError
from devices.profiles.filters import topic_filters
from devices.profiles.json_schema import FILE, schema, text
from devices.profiles.loading import load_profiles
from devices.profiles.topic_pattern import PatternError, compile_pattern
from devices.recognizer import Recognizer
from tests.unit.devices.samples_on_file import NOW
from tocsin.foreign.telegram_json import telegram_json

PRESS = """
profiles:
  - name: press-line
    topic: "plant/{line}/{device}/data"
    when: "readings"
    device: "{line}-{device}"
    time: {path: "Epoch || Time", zone: Europe/Berlin}
    root: readings
    drop: ["*.id", "*_ts"]
    metrics:
      p.bar: {name: pressure, unit: Pa, scale: 100000}
      mode: {map: {RUN: 1, STOP: 0}}
      kwh: {kind: counter}
      note: {kind: drop}
overrides:
  "L1-*": {join: 2s, silent_after: 5m, via: gateway-3}
"""


def written(folder: Path, content: str, name: str = "p.yaml") -> Path:
    """Write a profile file."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def read(folder: Path, profiles: str, topic: str, payload: object) -> dict[str, Any]:
    """Read one message by a profile file."""
    body = payload if isinstance(payload, str) else json.dumps(payload)
    file = load_profiles(written(folder, profiles))
    return telegram_json(Recognizer.of(file, "tocsin").read(topic, body.encode(), NOW))


def test_a_profile_names_scales_maps_and_drops(tmp_path: Path) -> None:
    """The whole proposal in one message: levels, guard, path, zone, refinements."""
    message = {
        "Time": "2026-07-01T12:00:00",
        "readings": {"p": {"bar": 1.5, "id": 7}, "mode": "RUN", "kwh": 12.5, "note": 3, "heat": 80, "x_ts": 5},
    }
    answer = read(tmp_path, PRESS, "plant/L1/press/data", message)
    assert answer["device"] == "L1-press"
    assert answer["metrics"] == {"pressure": 150000, "mode": 1, "kwh": 12.5, "heat": 80}
    assert answer["timestamp"] == "2026-07-01T10:00:00Z"
    assert answer["units"] == {"pressure": "Pa"}
    assert answer["counters"] == ["kwh"]
    assert answer["profile"] == "press-line"


@pytest.mark.parametrize(
    ("text", "value"), [("21.5 °C", 21.5), ("21,5", 21.5), ("-3C", -3), ("12 W", 12)]
    + [(text, None) for text in ("1.2.3", "12 W 5", "W 12", "007", "1,000,000", "12:30", "mode 3")],
)  # fmt: skip
def test_a_metric_that_is_named_may_have_its_unit_behind_it(tmp_path: Path, text: str, value: float | None) -> None:
    """Or a decimal comma; what nobody has named stays a label."""
    profile = "profiles:\n  - {name: a, topic: 'a/{device}', metrics: {v: {unit: W}}}\n"
    answer = read(tmp_path, profile, "a/b", {"v": text, "w": "12 W"})
    assert answer["metrics"] == ({} if value is None else {"v": value})
    assert answer["labels"]["w"] == "12 W"


def test_a_guard_that_finds_nothing_leaves_the_message_to_others(tmp_path: Path) -> None:
    """The built-in formats read it then."""
    answer = read(tmp_path, PRESS, "plant/L1/press/data", {"heat": 80})
    assert (answer["device"], answer.get("profile")) == ("plant/L1/press/data", None)


def test_pairs_become_metrics(tmp_path: Path) -> None:
    """A list of named values, as some weather stations send it."""
    profiles = """
profiles:
  - {name: sense, topic: "v3/{app}/devices/{device}/up",
     pairs: {list: uplink_message.decoded_payload.messages, name: type, value: measurementValue}}
"""
    messages = [{"type": "Air Temperature", "measurementValue": 21.3}, {"type": "Humidity", "measurementValue": 40}]
    payload = {"uplink_message": {"decoded_payload": {"messages": messages}}}
    answer = read(tmp_path, profiles, "v3/farm/devices/ws1/up", payload)
    assert (answer["device"], answer["metrics"]) == ("ws1", {"Air Temperature": 21.3, "Humidity": 40})


def test_pairs_may_name_their_units(tmp_path: Path) -> None:
    """`unit` is a path in each entry; one without a name is left out."""
    profile = """
profiles:
  - {name: named, topic: "n/{device}", pairs: {list: values, name: k, value: v, unit: u}}"""
    entries = [{"k": "heat", "v": 21.5, "u": "°C"}, {"k": "mode", "v": "on"}, {"v": 3}, [{"k": "flow", "v": "1.5"}]]
    answer = read(tmp_path, profile, "n/pump", {"values": entries})
    assert answer["metrics"] == {"heat": 21.5, "mode": 1, "flow": 1.5}
    assert answer["units"] == {"heat": "°C"}


def test_a_list_below_the_root_is_a_batch(tmp_path: Path) -> None:
    """Each entry has its own device and time, and comes in order of time."""
    profiles = """
profiles:
  - {name: batch, topic: "up", root: rows, device: {path: id}, time: {path: at, unit: ms}}
"""
    rows = [{"id": "a", "at": 1767225601000, "v": 2}, {"id": "a", "at": 1767225600000, "v": 1}]
    answer = read(tmp_path, profiles, "up", {"rows": rows})
    found = [(one["device"], one["metrics"]["v"], one["timestamp"]) for one in answer["readings"]]
    assert found == [("a", 1, "2026-01-01T00:00:00Z"), ("a", 2, "2026-01-01T00:00:01Z")]


def test_a_profile_may_say_what_availability_means_or_leave_topics_out(tmp_path: Path) -> None:
    """Words of one's own for there and gone; topics of no interest."""
    profiles = """
profiles:
  - {name: alive, topic: "shop/{device}/alive", kind: availability, online: [J], offline: [N]}
  - {name: noise, topic: "shop/{device}/debug/#", kind: ignore}
"""
    answer = read(tmp_path, profiles, "shop/saw/alive", "N")
    assert (answer["kind"], answer["device"], answer["online"]) == ("availability", "saw", False)
    assert read(tmp_path, profiles, "shop/saw/debug/a/b", "17")["kind"] == "ignore"


def test_csv_needs_as_many_values_as_columns(tmp_path: Path) -> None:
    """Else it is a dead letter that says so."""
    profiles = 'profiles: [{name: c, topic: "s/{device}", payload: csv, columns: [a, "", b], separator: ";"}]\n'
    assert read(tmp_path, profiles, "s/x", "1;2;3")["metrics"] == {"a": 1, "b": 3}
    answer = read(tmp_path, profiles, "s/x", "1;2")
    assert (answer["kind"], answer["reason"]) == ("dead_letter", "2 values: the profile names 3 columns")


def test_autodetect_may_be_switched_off(tmp_path: Path) -> None:
    """Then only the profiles speak."""
    answer = read(tmp_path, "autodetect: false\n", "zigbee2mqtt/a", {"t": 1})
    assert answer["kind"] == "dead_letter"


def test_filters_are_those_that_the_file_names(tmp_path: Path) -> None:
    """With the prefix that is stripped; never the whole broker."""
    content = (
        'mqtt: {subscribe: ["zigbee2mqtt/#"], strip_prefix: ["site1/"]}\n'
        'profiles: [{name: a, topic: "x/{device}/{rest+}"}, {name: b, topic: "{any+}"}]\n'
    )
    assert topic_filters(load_profiles(written(tmp_path, content))) == ("zigbee2mqtt/#", "site1/x/+/#", "site1/#")


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("profiles:\n  - name: a\n    topics: x/{device}\n", 3, "did you mean `topic`?"),
        ("profiles:\n  - name: a\n", 2, "`topic` is missing"),
        ("limits:\n  devices: none\n", 2, "limits.devices: is 'none': expected `int`"),
        ("profiles:\n  - name: a\n    topic: x/{d}/{d}\n", 3, "named twice"),
        ("profiles:\n  - name: a\n    topic: x\n    when: 'a[['\n", 4, "no JMESPath"),
        ("profiles:\n  - name: a\n    topic: x/{d}\n    device: '{line}'\n", 4, "it has {d}"),
        ("profiles:\n  - name: a\n    topic: x\n    time: {zone: Berlin}\n", 4, "such as Europe/Berlin"),
        ("profiles:\n  - name: a\n    topic: x\n    payload: csv\n", 4, "csv needs `columns`"),
        ("profiles:\n  - {name: a, topic: x}\n  - {name: a, topic: y}\n", 3, "names two profiles"),
        ("mqtt:\n  subscribe:\n    - '#'\n", 3, "takes in the whole broker"),
        ("join: soon\n", 1, "join"),
        ("profiles:\n  - name: a\n    topic: x\n    payload: jsn\n", 4, "is 'jsn'; did you mean `json`?"),
        (
            "profiles:\n  - name: a\n    topic: x\n    kind: counter\n",
            4,
            "expected one of telemetry, availability, ignore",
        ),
        ("profiles:\n  - name: a\n    topic: x\n    metrics:\n      v: {kind: count}\n", 5, "did you mean `counter`?"),
        ("overrides:\n  'a*':\n    silent: 5m\n", 3, "no such key"),
        ("a: [\n", 2, "no YAML"),
        ("a: &x [1]\nb: [*x, *x]\n", 1, "aliases are not read"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_cure(tmp_path: Path, content: str, line: int, words: str) -> None:
    """File, line, key, what is wrong, what to do."""
    path = written(tmp_path, content)
    with pytest.raises(ProfileError) as raised:
        load_profiles(path)
    assert f"{path}:{line}: " in str(raised.value)
    assert words in str(raised.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """One round is enough."""
    content = "profiles:\n  - {name: a, topic: 'x/{'}\n  - {name: b, topic: y, payload: csv}\nlimits: {devices: 0}\n"
    several = "profiles:\n  - {name: a, topic: x, payload: jsn, kind: 3, metrics: {v: {scale: two}}}\n"
    for text_, count in ((content, 3), (several, 3)):
        with pytest.raises(ProfileError) as raised:
            load_profiles(written(tmp_path, text_))
        assert len(str(raised.value).splitlines()) == count


def test_toml_says_the_same(tmp_path: Path) -> None:
    """Also with the lines of its mistakes."""
    good = '[mqtt]\nsubscribe = ["a/#"]\n[[profiles]]\nname = "x"\ntopic = "a/{device}"\n'
    assert load_profiles(written(tmp_path, good, "p.toml")).profiles[0].name == "x"
    bad = written(tmp_path, good + '[[profiles]]\nname = "y"\ntopic = "b"\npayload = "xml"\n', "q.toml")
    with pytest.raises(ProfileError, match=r"q\.toml:9: profiles\[1\]\.payload"):
        load_profiles(bad)


def test_the_schema_is_current_and_accepts_what_loads(tmp_path: Path) -> None:
    """`python -m devices.profiles.json_schema` writes it, for editors."""
    assert FILE.read_text(encoding="utf-8") == text()
    assert len(load_profiles(written(tmp_path, PRESS)).profiles) == 1
    jsonschema.validate(yaml.safe_load(PRESS), schema())


def test_the_example_of_the_docs_is_a_profile_file(tmp_path: Path) -> None:
    """What is shown there works as it is shown."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "devices.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert len(load_profiles(written(tmp_path, example)).profiles) == 6


@pytest.mark.parametrize(
    ("pattern", "topic", "levels"),
    [
        ("a/{x}/c", "a/b/c", {"x": "b"}),
        ("a/{x}/c", "a/b/d", None),
        ("a/{x+}/c", "a/b/b/c", {"x": "b/b"}),
        ("a/+/{m}", "a/b/c", {"m": "c"}),
        ("a/#", "a", {}),
        ("a/#", "a/b/c", {}),
        ("a.b/{x}", "acb/d", None),
    ],
)
def test_patterns_match_as_topic_filters_do(pattern: str, topic: str, levels: dict[str, str] | None) -> None:
    """Names stand for levels, and nothing else is magic."""
    assert compile_pattern(pattern).match(topic) == levels


@pytest.mark.parametrize("pattern", ["", "a/#/b", "a/x{y}", "a/b+", "{x}/{x}"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    """With words that say why."""
    with pytest.raises(PatternError, match=r"."):
        compile_pattern(pattern)
