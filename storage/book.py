"""The explainer's side of the database: every write, and the reads that go with them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import InterfaceError, OperationalError

from storage import tables
from storage.database import writing
from storage.errors import UnavailableError
from storage.inserting import insert_into
from storage.records import Publication
from storage.rows import alert_record, alert_row, anomaly_row, attempt_row, feedback_row
from storage.similar import feedback_of, similar_to

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Table
    from sqlalchemy.sql.dml import Insert

    from contracts.alert import Alert
    from contracts.service import DeadLetter, Feedback
    from storage.records import AlertRecord, Attempt, StoredAnomaly
    from storage.similar import Earlier


class AlertBook:
    """Alerts and all that belongs to them, for their one writer.

    Args:
        engine: a migrated database, see `open_engine` and `migrate`.

    Every method raises UnavailableError when the database cannot be used now.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = writing(engine)

    @contextmanager
    def writing(self) -> Iterator[BookEntry]:
        """Begin a transaction that holds the write lock; it is committed at the end, undone by an exception."""
        with _refusals(), self._writing.begin() as connection:
            yield BookEntry(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Look at one state of the database, with functions of this package that take a connection."""
        with _refusals(), self._engine.connect() as connection:
            yield connection

    def publications(self, limit: int, after: int = 0) -> list[Publication]:
        """Return the next publications owed, oldest first."""
        table = tables.outbox
        chosen = select(table.c.id, table.c.topic, table.c.payload, table.c.retain).where(table.c.id > after)
        with _refusals(), self._engine.connect() as connection:
            rows = connection.execute(chosen.order_by(table.c.id).limit(limit)).all()
        return [Publication(row.id, row.topic, row.payload, row.retain) for row in rows]

    def snoozed_until(self, now: datetime) -> list[str]:
        """Return the incidents whose snooze is over."""
        columns = tables.alerts.c
        chosen = select(columns.incident).where(columns.status == "snoozed", columns.snoozed_until <= now)
        with _refusals(), self._engine.connect() as connection:
            return list(connection.execute(chosen).scalars())

    def owed_before(self, time: datetime, limit: int) -> list[str]:
        """Return incidents that have waited for an explanation since before a moment."""
        columns = tables.alerts.c
        chosen = select(columns.incident).where(columns.explanation_state == "owed", columns.owed_since < time)
        with _refusals(), self._engine.connect() as connection:
            return list(connection.execute(chosen.limit(limit)).scalars())

    def owed_count(self) -> int:
        """Count the incidents that wait for an explanation."""
        chosen = select(func.count()).where(tables.alerts.c.explanation_state == "owed")
        with _refusals(), self._engine.connect() as connection:
            return connection.execute(chosen).scalar_one()

    def ping(self) -> None:
        """Take the write lock and give it back: raises what a write would raise, short of a full disk."""
        with _refusals(), self._writing.begin() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close every connection; the next use opens one again."""
        self._engine.dispose()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise UnavailableError(f"database: {error.orig}") from error


class BookEntry:
    """The writes of one transaction; `connection` is for the other modules of this package."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def known_anomalies(self, ids: Collection[str]) -> set[str]:
        """Return which of these anomalies are stored already."""
        column = tables.anomalies.c.anomaly
        return set(self.connection.execute(select(column).where(column.in_(ids))).scalars())

    def similar(self, alert: Alert, limit: int = 5) -> list[Earlier]:
        """Return earlier incidents of the alert's device that resemble it, with what people said of them."""
        return similar_to(self.connection, alert, limit)

    def records(self, incidents: Collection[str]) -> dict[str, AlertRecord]:
        """Return the alerts of these incidents; an unknown one is absent."""
        chosen = select(tables.alerts).where(tables.alerts.c.incident.in_(incidents))
        return {row["incident"]: alert_record(row) for row in self.connection.execute(chosen).mappings()}

    def save(self, records: Iterable[AlertRecord]) -> None:
        """Insert alerts, or replace what is stored of their incidents."""
        rows = [alert_row(record) for record in records]
        insert = insert_into(self.connection, tables.alerts)
        names = [column.name for column in tables.alerts.columns if column.name not in {"id", "incident"}]
        replaced = {name: insert.excluded[name] for name in names}
        self._execute(insert.on_conflict_do_update(index_elements=["incident"], set_=replaced), rows)

    def add_anomalies(self, anomalies: Iterable[StoredAnomaly]) -> None:
        """Insert anomalies of saved alerts; one that is stored already stays as it is."""
        self._add(tables.anomalies, "anomaly", [anomaly_row(stored) for stored in anomalies])

    def add_dead_letters(self, letters: Iterable[tuple[str, DeadLetter]]) -> None:
        """Insert dead letters by a digest that is the same when one is delivered again."""
        names = ("reason", "detail", "topic", "payload", "size", "service", "received_at", "device")
        rows = [{"digest": digest} | {name: getattr(letter, name) for name in names} for digest, letter in letters]
        self._add(tables.dead_letters, "digest", rows)

    def add_feedback(self, words: Iterable[tuple[str, Feedback]]) -> None:
        """Insert what people said, by a digest that is the same when it is delivered again."""
        self._add(tables.feedback, "digest", [feedback_row(digest, word) for digest, word in words])

    def feedback_of(self, incidents: Collection[str]) -> list[Feedback]:
        """Return what people said of these incidents, oldest first."""
        return feedback_of(self.connection, incidents)

    def queue(self, publications: Iterable[tuple[str, bytes]], queued_at: datetime) -> None:
        """Owe messages (topic, payload) to the broker, in this order."""
        rows = [{"topic": t, "payload": p, "retain": False, "queued_at": queued_at} for t, p in publications]
        self._execute(tables.outbox.insert(), rows)

    def settle(self, ids: Collection[int]) -> None:
        """Forget publications that the broker took."""
        self.connection.execute(tables.outbox.delete().where(tables.outbox.c.id.in_(ids)))

    def start_attempt(self, attempt: Attempt) -> int:
        """Write down that an explanation is being fetched, before it is; return the attempt's number."""
        started = self.connection.execute(tables.explanations.insert().values(attempt_row(attempt)))
        running = update(tables.alerts).where(tables.alerts.c.incident == attempt.incident)
        self.connection.execute(running.values(explanation_state="running"))
        return int(cast("tuple[int]", started.inserted_primary_key)[0])

    def finish_attempt(self, number: int, attempt: Attempt) -> None:
        """Write down how an attempt ended."""
        table = tables.explanations
        self.connection.execute(update(table).where(table.c.id == number).values(attempt_row(attempt)))

    def interrupt_attempts(self) -> int:
        """Owe again what was being fetched when the service died; return how many attempts were cut off."""
        table = tables.explanations
        running = list(self.connection.execute(select(table.c.incident).where(table.c.outcome == "running")).scalars())
        self.connection.execute(
            update(table).where(table.c.outcome == "running").values(outcome="interrupted", requests=1)
        )
        self.connection.execute(
            update(tables.alerts).where(tables.alerts.c.explanation_state == "running").values(explanation_state="owed")
        )
        return len(running)

    def _add(self, table: Table, key: str, rows: list[dict[str, Any]]) -> None:
        self._execute(insert_into(self.connection, table).on_conflict_do_nothing(index_elements=[key]), rows)

    def _execute(self, statement: Insert, rows: list[dict[str, Any]]) -> None:
        if rows:  # an empty list would insert one row of defaults
            self.connection.execute(statement, rows)
