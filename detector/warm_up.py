"""`python -m detector.warm_up`: compile the kernels into numba's cache, so that no device has to wait for them."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from math import cos, sin

from contracts.reading import Reading
from detector.device.device import DetectionConfig, DeviceDetector, run_fit

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_ROWS = 500
_ODD_ROWS = 20


def warm_up() -> None:
    """Take a device of one metric and one of several through learning and trouble."""
    config = DetectionConfig(warm_up=120)
    for metrics in (1, 4):
        detector = DeviceDetector(f"warm-up-{metrics}", config)
        for row in range(_ROWS):
            _take(detector, row, metrics)
        detector.expectation()
        detector.snapshot()


def _take(detector: DeviceDetector, row: int, metrics: int) -> None:
    at = _BEGIN + timedelta(seconds=row)
    level = 50.0 if row >= _ROWS - _ODD_ROWS else 0.0
    values: dict[str, float | None] = {f"m{m}": level + sin(row * (1.7 + m)) + cos(row * row) for m in range(metrics)}
    detector.process(Reading(device=detector.device, values=values, measured_at=at), f"{row:032x}", at)
    job = detector.fit_job
    if job is not None:
        detector.adopt(run_fit(job))


def main() -> int:
    """Compile, and say how long it took."""
    began = time.monotonic()
    warm_up()
    print(f"kernels ready after {time.monotonic() - began:.0f} s")  # noqa: T201 - the person who builds
    return 0


if __name__ == "__main__":
    sys.exit(main())
