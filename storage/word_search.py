"""Alerts that hold words, newest first; as quick for words that all hold as for words that few hold.

SQLite's index of words gives the newest first and is not read further than the page. Where other filters leave few
alerts, each of those is looked up in it instead: else all that hold the words were read for the few that fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import ucd_3_2_0

from sqlalchemy import column, exists, select, table, text

from storage import tables
from storage.beginnings import words_that_begin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, RowMapping, Select

MAX_WORDS = 16
_FEW = 500
# SQLite may not know for a letter what came into Unicode later; its index would take the word for two, and refuse.
_WORD = re.compile(r"[^\W_]+")
_words_index = table("alert_words", column("rowid"), column("alert_words"))
_SPACED = r"regexp_replace(device || ' ' || label || ' ' || reason || ' ' || causes_text, '[^[\:alnum\:]]+', ' ', 'g')"


@dataclass(frozen=True, slots=True)
class Search:
    """Words to look for, all of them.

    Attributes:
        words: lower case.
        device: in SQLite also looked for by a word of its own, which leaves few alerts to look at.
        whole: whether they are whole words, or each the beginning of one.
        before: only alerts with a smaller number.
        chosen: conditions of other filters.
    """

    words: Sequence[str]
    device: str | None
    whole: bool
    before: int | None = None
    chosen: Sequence[ColumnElement[bool]] = ()


def words_of(words: str | None) -> list[str]:
    """Take a text apart into the words to look for."""
    known = "".join(c if ucd_3_2_0.category(c) != "Cn" else " " for c in (words or "").lower())
    return _WORD.findall(known)[:MAX_WORDS]


def found(connection: Connection, search: Search, limit: int) -> Sequence[RowMapping]:
    """Return rows of alerts that hold all the words, those stored last first."""
    number = tables.alerts.c.id
    every = select(tables.alerts).where(*search.chosen).limit(limit)
    if search.before is not None:
        every = every.where(number < search.before)
    if connection.dialect.name == "sqlite":
        asked = _in_sqlite(connection, search, every)
    else:
        match = text(f"to_tsvector('simple', {_SPACED}) @@ to_tsquery('simple', :words)")
        asked = every.where(match.bindparams(words=_postgresql(search))).order_by(number.desc())
    return connection.execute(asked).mappings().all()


def _in_sqlite(connection: Connection, search: Search, every: Select[Any]) -> Select[Any]:
    number, index = tables.alerts.c.id, _words_index.c
    match = index.alert_words.match(_sqlite(connection, search))
    few = _few(connection, search)
    if few is not None:
        return every.where(number.in_(few), exists().where(index.rowid == number, match)).order_by(number.desc())
    every = every.join_from(tables.alerts, _words_index, number == index.rowid).where(match)
    if search.before is not None:
        every = every.where(index.rowid < search.before)
    return every.order_by(index.rowid.desc())


def _few(connection: Connection, search: Search) -> list[int] | None:
    if not search.chosen:
        return None
    numbers = connection.scalars(select(tables.alerts.c.id).where(*search.chosen).limit(_FEW + 1)).all()
    return None if len(numbers) > _FEW else list(numbers)


def _sqlite(connection: Connection, search: Search) -> str:
    words = [f'"{word}"' if search.whole else _any_of(connection, word) for word in search.words]
    return " AND ".join([*words, *([f'"{search.device.encode().hex()}"'] if search.device else [])])


def _any_of(connection: Connection, beginning: str) -> str:
    words = words_that_begin(connection, beginning)
    either = " OR ".join(f'"{word}"' for word in words)
    return f"({either})" if words else f'"{beginning}"*'


def _postgresql(search: Search) -> str:
    return " & ".join(word + ("" if search.whole else ":*") for word in search.words)
