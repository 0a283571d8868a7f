"""`python -m producer`: the producer as a process."""

from __future__ import annotations

import sys

from producer.bootstrap import build
from producer.settings import ProducerSettings
from runtime.lifecycle import service_main


def main() -> int:
    """Run the producer; see `--help`."""
    return service_main("producer", ProducerSettings, build)


if __name__ == "__main__":
    sys.exit(main())
