"""`python -m detector.http`: the HTTP face alone, beside a detector or without one."""

from __future__ import annotations

import argparse
import sys

from detector.http.server import serve
from detector.settings import DetectorSettings
from runtime.logs import configure_logs
from runtime.settings import SettingsError, describe_settings, load_settings


def main() -> int:
    """Serve until SIGTERM or SIGINT; see `--help`."""
    parser = argparse.ArgumentParser(
        prog="python -m detector.http",
        description=__doc__,
        epilog="settings (environment variables):\n" + describe_settings(DetectorSettings),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args()
    try:
        settings = load_settings(DetectorSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the person at the terminal
        return 2
    configure_logs(settings.log_level, settings.log_format)
    return serve(settings)


if __name__ == "__main__":
    sys.exit(main())
