"""The explainer over PostgreSQL: the very tests that it passes over SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from runtime.memory_bus import MemoryBroker
from tests.unit.explainer.conftest import _plain_logs
from tests.unit.explainer.pipeline import Pipeline
from tests.unit.explainer.test_delivery import Delivery
from tests.unit.explainer.test_service import (
    test_a_dead_letter_of_the_full_size_is_stored,
    test_a_duplicate_gets_a_receipt_and_nothing_else,
    test_a_message_that_cannot_be_stored_does_not_hold_up_the_others,
    test_a_snooze_that_is_over_rings_again,
    test_an_opening_is_stored_published_and_receipted,
    test_dead_letters_of_other_services_are_stored_within_a_limit,
    test_feedback_changes_the_alert_even_when_it_came_first,
)
from tests.unit.storage.conftest import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres_server import PostgresServer

__all__ = [
    "_plain_logs",
    "postgres",
    "test_a_dead_letter_of_the_full_size_is_stored",
    "test_a_duplicate_gets_a_receipt_and_nothing_else",
    "test_a_message_that_cannot_be_stored_does_not_hold_up_the_others",
    "test_a_snooze_that_is_over_rings_again",
    "test_an_opening_is_stored_published_and_receipted",
    "test_dead_letters_of_other_services_are_stored_within_a_limit",
    "test_feedback_changes_the_alert_even_when_it_came_first",
]


@pytest.fixture
def pipeline(postgres: PostgresServer, tmp_path: Path) -> Iterator[Pipeline]:
    """A running explainer."""
    pipeline = Pipeline(
        tmp_path,
        MemoryBroker(),
        database_url=postgres.new_database(),
        dead_letters_per_minute=3,
    )
    yield pipeline
    pipeline.service.stop()
    pipeline.engine.dispose()


class PostgresDelivery(Delivery):
    """The bad way and the kills, over PostgreSQL."""

    server: PostgresServer

    def new_pipeline(self) -> Pipeline:
        return Pipeline(Path(self.folder.name), MemoryBroker(), database_url=self.server.new_database())


@pytest.fixture(autouse=True, scope="module")
def _server(postgres: PostgresServer) -> None:
    PostgresDelivery.server = postgres


TestPostgresDelivery = PostgresDelivery.TestCase
TestPostgresDelivery.settings = settings(max_examples=4, stateful_step_count=15, deadline=None)
