"""`python -m web`: the page as a process."""

from __future__ import annotations

import sys

from runtime.lifecycle import service_main
from web.bootstrap import build
from web.settings import WebSettings


def main() -> int:
    """Run the page; see `--help`."""
    return service_main("web", WebSettings, build)


if __name__ == "__main__":
    sys.exit(main())
