"""Recorded messages of many kinds of device, beside the project, read as they are meant."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from math import isclose
from pathlib import Path
from typing import Any

import pytest

from devices.profiles.loading import load_profiles
from devices.recognizer import Recognizer
from tocsin.foreign.telegram_json import telegram_json

PROFILES = Path(__file__).with_name("corpus_profiles.yaml")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
HINTS = (
    "labels",
    "units",
    "null_metrics",
    "bad_quality",
    "partial",
    "historical",
    "seq",
    "discovers",
    "naive",
    "stream",
)


def agreement(samples: Path, prefix: str) -> tuple[int, list[str]]:
    """Count the messages, and name what is read otherwise than it is meant."""
    strip = [prefix] if prefix else []
    reader = Recognizer(load_profiles(PROFILES).profiles, strip_prefixes=strip)
    differences: list[str] = []
    lines = samples.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        sample: dict[str, Any] = json.loads(line)
        raw = sample.get("payload_b64")
        payload = base64.b64decode(raw) if raw else str(sample["payload"]).encode()
        answer = telegram_json(reader.read(prefix + sample["topic"], payload, NOW))
        differences += [f"{number} {sample['topic']}: {what}" for what in differing(sample, answer)]
    return len(lines), differences


def differing(sample: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """Compare one message with what it means."""
    expect = sample["expect"]
    found = [] if answer["format"] == sample["format"] else [f"format {answer['format']}"]
    keys = ("kind", "device", "timestamp")
    found += [f"{key} {answer[key]!r}, not {expect[key]!r}" for key in keys if answer[key] != expect[key]]
    if not equal(answer["metrics"], expect["metrics"]) or answer.get("online") != expect.get("online"):
        found.append(f"metrics {answer['metrics']}, online {answer.get('online')}")
    for one, meant in zip(answer.get("readings", []), expect.get("readings", []), strict=True):
        if not equal(one["metrics"], meant["metrics"]) or any(
            one[key] != meant[key] for key in ("device", "timestamp")
        ):
            found.append(f"reading {one}")
    found += [f"{key} {answer.get(key)!r}" for key in HINTS if key in expect and answer.get(key) != expect[key]]
    return found


def equal(values: dict[str, float], meant: dict[str, float]) -> bool:
    """Compare values, some of which travelled as 32-bit floats."""
    return values.keys() == meant.keys() and all(isclose(values[key], meant[key], rel_tol=1e-6) for key in meant)


@pytest.mark.parametrize("prefix", ["", "site1/"])
def test_every_recorded_message_is_read_as_it_is_meant(shared: Path, prefix: str) -> None:
    """Kind, format, device, values, time, and every hint of the collection agree; with a bridge's prefix, too."""
    count, differences = agreement(shared / "corpora" / "device-samples.jsonl", prefix)
    assert count >= 83
    assert differences == []
