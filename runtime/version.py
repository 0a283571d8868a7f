"""Which Tocsin this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version


def version() -> str:
    """Return the installed version; a source tree that was never installed says so."""
    try:
        return installed_version("tocsin")
    except PackageNotFoundError:
        return "0+source"
