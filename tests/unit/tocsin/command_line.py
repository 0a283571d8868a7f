"""Calls the command line as a person would, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.testing import CliRunner

from tocsin.main import app

if TYPE_CHECKING:
    from typer.testing import Result


def tocsin(*words: object) -> Result:
    """Run a command; an exception that it should have put into words is raised."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
