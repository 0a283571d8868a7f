"""`tocsin try`: what becomes of a message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.unit.tocsin.command_line import tocsin

if TYPE_CHECKING:
    from pathlib import Path

BIRTH = "CIDQ6ra3MxIRCgVTcGVlZBAKIAJQ2P///w8YAQ=="


def test_one_message_is_shown_for_people() -> None:
    """Format, device, values, and what is left out with the reason."""
    shown = tocsin(
        "try", "zigbee2mqtt/kitchen", '{"temperature": 21.5, "action": "single", "update": {"state": "idle"}}'
    )
    assert shown.exit_code == 0
    for words in ("zigbee2mqtt", "kitchen", "temperature", "21.5", "a label, no level", "dropped"):
        assert words in shown.stdout


def test_a_file_is_read_in_order_with_what_one_line_says_of_the_next(tmp_path: Path) -> None:
    """One JSON object a line; other keys and empty lines are passed over."""
    config = json.dumps({"stat_t": "a/b", "name": "A", "dev_cla": "power"})
    lines = [
        {"topic": "homeassistant/sensor/a/config", "payload": config},
        {"topic": "a/b", "payload": "5", "note": "whatever"},
        {"topic": "spBv1.0/Line/DBIRTH/Edge/Mixer", "payload_b64": BIRTH},
    ]
    file = tmp_path / "messages.jsonl"
    file.write_text("\n\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    shown = tocsin("try", "--file", str(file), "--json")
    answers = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [one["kind"] for one in answers] == ["metadata", "telemetry", "telemetry"]
    assert answers[1]["metrics"] == {"power": 5}
    assert answers[2]["metrics"] == {"Speed": -40}


def test_profiles_and_prefixes_are_used(tmp_path: Path) -> None:
    """As the detector would."""
    profiles = tmp_path / "p.yaml"
    profiles.write_text('profiles: [{name: c, topic: "s/{device}", payload: csv, columns: [a, b]}]\n', encoding="utf-8")
    shown = tocsin("try", "site1/s/x", "1,2", "--profiles", str(profiles), "--strip-prefix", "site1/", "--json")
    assert json.loads(shown.stdout)["metrics"] == {"a": 1, "b": 2}


def test_mistakes_are_named(tmp_path: Path) -> None:
    """A line that is no message, a profile that is wrong, a call without a message."""
    file = tmp_path / "messages.jsonl"
    file.write_text('{"topic": "a"}\n', encoding="utf-8")
    shown = tocsin("try", "--file", str(file))
    assert shown.exit_code == 1
    assert "messages.jsonl:1:" in shown.stderr
    profiles = tmp_path / "p.yaml"
    profiles.write_text("profile: []\n", encoding="utf-8")
    shown = tocsin("try", "a", "1", "--profiles", str(profiles))
    assert shown.exit_code == 2
    assert "did you mean `profiles`?" in shown.stderr
    assert tocsin("try", "a").exit_code == 2
