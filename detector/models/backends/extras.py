"""Packages that only some algorithms need, and which extra brings them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from detector.models.backends.port import BackendMissingError

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = {"pyod": "backends", "torch": "deep"}


def missing(packages: Sequence[str]) -> tuple[str, ...]:
    """Name the extras that must be installed for these packages."""
    return tuple(dict.fromkeys(PACKAGES[package] for package in packages if find_spec(package) is None))


def required(backend: str, packages: Sequence[str]) -> None:
    """See to it that an algorithm can be fitted here.

    Raises:
        BackendMissingError: an extra is missing; the text says how to install it.
    """
    extras = missing(packages)
    if extras:
        named = ",".join(extras)
        raise BackendMissingError(f"backend {backend!r} needs the extra {named}: pip install 'tocsin[{named}]'")
