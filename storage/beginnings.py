"""Which words of SQLite's index of words begin with given letters.

FTS5 answers a search for a beginning by merging the lists of all words that begin so: at a million alerts a common word
costs a tenth of a second, however few alerts are wanted. A search for the words themselves reads no further than the
page that is shown; so they are looked up first, each with one step into the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

TERMS = "CREATE VIRTUAL TABLE temp.alert_terms USING fts5vocab('main', 'alert_words', 'instance')"
_MOST = 500
_NEXT = "SELECT term FROM temp.alert_terms WHERE term >= ? LIMIT 1"
_AFTER = "\x01"  # sorts before every letter and digit


def open_terms(connection: Any) -> None:  # noqa: ANN401 - a driver's connection
    """Let a SQLite connection read the words of the index, whether or not the index is there already."""
    connection.execute(TERMS)


def words_that_begin(connection: Connection, beginning: str, most: int = _MOST) -> list[str]:
    """Return the words of the index that begin so, in order; none where they are too many to look up, or may be.

    Args:
        connection: to SQLite.
        beginning: letters and digits, lower case; beyond ASCII the index folds letters in its own way.
        most: so many words are looked up.
    """
    found: list[str] = []
    start = beginning
    while beginning.isascii() and len(found) <= most:
        row = connection.exec_driver_sql(_NEXT, (start,)).first()
        if row is None or not row[0].startswith(beginning):
            return found
        found.append(row[0])
        start = row[0] + _AFTER
    return []
