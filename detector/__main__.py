"""`python -m detector`: the detector as a process."""

from __future__ import annotations

import sys

from detector.bootstrap import build
from detector.settings import DetectorSettings
from runtime.lifecycle import service_main


def main() -> int:
    """Run the detector; see `--help`."""
    return service_main("detector", DetectorSettings, build)


if __name__ == "__main__":
    sys.exit(main())
