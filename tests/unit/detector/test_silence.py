"""What one silence teaches of the next."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from detector.device.device import DeviceDetector
from tests.unit.detector.streams import QUICK, feed, noise, readings


def test_a_second_silence_is_found_after_a_first_one() -> None:
    """A long outage is no new pace: the next one of that length is an incident too."""
    stream = readings(noise(400), interval=2.0)
    late = [
        msgspec.structs.replace(one, measured_at=one.measured_at + timedelta(minutes=2) * ((n >= 200) + (n >= 300)))
        for n, one in enumerate(stream)
    ]
    told = [o.anomaly for o in feed(DeviceDetector("press", QUICK), late) if o.anomaly is not None]
    assert [one.kind for one in told if one.incident.phase in {"open", "reopen"}] == ["silence", "silence"]


def test_pauses_that_keep_coming_become_usual() -> None:
    """A device that sends in bursts is not silent between them for ever."""
    stream = readings(noise(1000), interval=2.0)
    bursts = [
        msgspec.structs.replace(one, measured_at=one.measured_at + timedelta(minutes=2) * (n // 100))
        for n, one in enumerate(stream)
    ]
    told = [o.anomaly for o in feed(DeviceDetector("press", QUICK), bursts) if o.anomaly is not None]
    silences = [one for one in told if one.kind == "silence" and one.incident.phase in {"open", "reopen"}]
    assert 1 <= len(silences) <= 2
