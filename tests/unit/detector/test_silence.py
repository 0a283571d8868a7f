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


def test_a_silence_lasts_until_the_device_is_heard() -> None:
    """An hour without a reading is told as an hour, not as the moment in which it was noticed."""
    device = DeviceDetector("press", QUICK)
    stream = readings(noise(120), interval=2.0, clock="device", run=None)
    feed(device, stream[:60])
    begun = device.tick(stream[59].measured_at + timedelta(seconds=21))
    hour = timedelta(hours=1)
    back = [msgspec.structs.replace(one, measured_at=one.measured_at + hour) for one in stream[60:]]
    closing = [o.anomaly for o in feed(device, back) if o.anomaly is not None][-1]
    assert begun is not None
    assert begun.anomaly is not None
    assert (closing.incident.id, closing.incident.phase) == (begun.anomaly.incident.id, "close")
    assert closing.measured_at == back[0].measured_at
