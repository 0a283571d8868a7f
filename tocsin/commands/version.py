"""`tocsin version`."""

from __future__ import annotations

from tocsin.terminal import output


def version() -> None:
    """Say which Tocsin this is."""
    from runtime.version import version as installed  # noqa: PLC0415 - help must not wait for it

    output().print(f"tocsin {installed()}")
