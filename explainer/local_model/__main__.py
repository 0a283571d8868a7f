"""`python -m explainer.local_model`: the model server as a process."""

from __future__ import annotations

import sys

from explainer.local_model.server import LocalModel
from explainer.local_model.settings import LocalModelSettings
from runtime.lifecycle import service_main


def main() -> int:
    """Run the server; see `--help`."""
    return service_main("llm", LocalModelSettings, LocalModel)


if __name__ == "__main__":
    sys.exit(main())
