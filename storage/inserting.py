"""Inserts that heed what is stored already: SQLite and PostgreSQL both have them, SQLAlchemy for each its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an insert to which `on_conflict_do_nothing` or `on_conflict_do_update` may be added."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
