"""A page that runs, shared by the tests of one module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web_site import running_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web_site import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page without a login."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running
