"""Operators' orders: each carried out once, and answered, whatever is killed in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from contracts.codec import encode
from contracts.service import Answer, Command

if TYPE_CHECKING:
    import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, command BLOB NOT NULL, answer BLOB
);
"""
_KEPT = 1_000


class OrderLog:
    """Rows of one table; every method works inside the caller's transaction.

    Args:
        connection: the detector's state file, whose schema holds `SCHEMA`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def take(self, command: Command) -> bool:
        """Note an order; tell whether it is new, rather than delivered again."""
        cursor = self._connection.execute(
            "INSERT INTO orders (id, command) VALUES (?, ?) ON CONFLICT DO NOTHING", (command.id, encode(command))
        )
        return cursor.rowcount > 0

    def done(self, answer: Answer) -> None:
        """Note the answer of an order, and forget the oldest orders."""
        self._connection.execute("UPDATE orders SET answer = ? WHERE id = ?", (encode(answer), answer.id))
        self._connection.execute(
            "DELETE FROM orders WHERE answer IS NOT NULL AND number <= (SELECT max(number) FROM orders) - ?", (_KEPT,)
        )

    def answer(self, order: str) -> Answer | None:
        """Read the answer of an order that was carried out."""
        row = self._connection.execute("SELECT answer FROM orders WHERE id = ?", (order,)).fetchone()
        return None if row is None or row[0] is None else msgspec.json.decode(row[0], type=Answer)

    def unanswered(self) -> list[Command]:
        """Read the orders that a kill has interrupted, oldest first."""
        rows = self._connection.execute("SELECT command FROM orders WHERE answer IS NULL ORDER BY number")
        return [msgspec.json.decode(row[0], type=Command) for row in rows]
