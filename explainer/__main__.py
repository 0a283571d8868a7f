"""`python -m explainer`: the explainer as a process."""

from __future__ import annotations

import sys

from explainer.bootstrap import build
from explainer.settings import ExplainerSettings
from runtime.lifecycle import service_main


def main() -> int:
    """Run the explainer; see `--help`."""
    return service_main("explainer", ExplainerSettings, build)


if __name__ == "__main__":
    sys.exit(main())
