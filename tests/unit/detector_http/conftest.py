"""One server for all tests of the HTTP face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.neighbour.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose detector has not run yet."""
    with served(tmp_path_factory.mktemp("http")) as url:
        yield url


@pytest.fixture
def client(base: str) -> Iterator[httpx.Client]:
    """Asks the server."""
    with httpx.Client(base_url=base, timeout=60) as client:
        yield client
