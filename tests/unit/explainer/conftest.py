"""Fixtures of the explainer's tests."""

from __future__ import annotations

import pytest

from runtime.logs import configure_logs


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Log as in containers: rich tracebacks would take seconds each."""
    configure_logs("error", "json")
