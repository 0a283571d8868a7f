"""How long it takes to read foreign messages, as multiples of msgspec's own JSON decoding.

Known: the same topic again. New: a topic that was never seen. Microseconds on this machine, the best of a hundred short
rounds.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from devices.recognizer import Recognizer
from tests.unit.devices.samples_on_file import all_samples, payload_of

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROUNDS, TURNS = 100, 100
KNOWN_US, NEW_US = 10.0, 100.0  # what recognition may take
_PAYLOAD = b'{"temperature": 21.5, "humidity": 40.2, "state": "ON", "battery": 97}'


def best_us(work: Callable[[int], object]) -> float:
    """Return the microseconds of one call, in the best of many short rounds: others may use the machine, too."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for turn in range(TURNS):
            work(turn)
        rounds.append((time.perf_counter() - began) / TURNS * 1e6)
    return min(rounds)


def main() -> None:
    """Print recognition of known and new topics, then each format."""
    unit = best_us(lambda _: msgspec.json.decode(_PAYLOAD))
    print(f"msgspec.json.decode of {len(_PAYLOAD)} bytes: {unit:.2f} µs; ratios are multiples of it")
    reader = Recognizer()
    known = best_us(lambda _: reader.read("plant/press/temperature", b"61.5", NOW))
    print(f"known topic, a number   {known:7.2f} µs {known / unit:6.1f}x   (allowed {KNOWN_US:.0f} µs)")
    counter = iter(range(10**9))
    new = best_us(lambda _: reader.read(f"plant/press/m{next(counter)}", b"61.5", NOW))
    print(f"new topic, a number     {new:7.2f} µs {new / unit:6.1f}x   (allowed {NEW_US:.0f} µs)")
    for samples in all_samples():
        reader = Recognizer()
        telling = [one for one in samples.messages if one["means"]["kind"] == "telemetry"]
        for one in samples.messages:
            reader.read(one["topic"], payload_of(one), NOW)
        if telling:
            topic, payload = telling[0]["topic"], payload_of(telling[0])
            spent = best_us(lambda _, t=topic, p=payload, r=reader: r.read(t, p, NOW))  # type: ignore[misc]
            print(f"{samples.name:23} {spent:7.2f} µs {spent / unit:6.1f}x   {len(payload)} bytes")


if __name__ == "__main__":
    main()
