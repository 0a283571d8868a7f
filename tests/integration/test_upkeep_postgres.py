"""The explainer's reminders, pruning and imports over PostgreSQL: the very tests that they pass over SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runtime.memory_bus import MemoryBroker
from tests.unit.explainer.conftest import _plain_logs
from tests.unit.explainer.pipeline import Pipeline
from tests.unit.explainer.test_upkeep import (
    test_a_handled_or_young_incident_does_not_ring_again,
    test_a_lasting_incident_rings_again,
    test_an_export_is_imported_once,
    test_prune_deletes_what_ended_long_ago,
    test_verdicts_are_published_with_the_alert,
)
from tests.unit.storage.conftest import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres_server import PostgresServer

__all__ = [
    "_plain_logs",
    "postgres",
    "test_a_handled_or_young_incident_does_not_ring_again",
    "test_a_lasting_incident_rings_again",
    "test_an_export_is_imported_once",
    "test_prune_deletes_what_ended_long_ago",
    "test_verdicts_are_published_with_the_alert",
]


@pytest.fixture
def pipeline(postgres: PostgresServer, tmp_path: Path) -> Iterator[Pipeline]:
    """An explainer that reminds every six hours."""
    pipeline = Pipeline(tmp_path, MemoryBroker(), database_url=postgres.new_database(), remind_every_hours=6.0)
    yield pipeline
    pipeline.service.stop()
    pipeline.engine.dispose()
