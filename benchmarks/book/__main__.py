"""How quick the alert book is when it is large: `python -m benchmarks.book [--alerts 1000000] [--url postgresql://…]`.

Beside each figure stands what plain sqlite3 takes for the like of it on the same machine, because a machine's disk says
more about a figure in seconds than the code does.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from benchmarks.book.alerts import DEVICES, alerts_of, words_of
from storage.backup import backup
from storage.book import AlertBook
from storage.browsing import Filters, page
from storage.database import open_engine
from storage.migrate import migrate
from storage.similar import similar
from storage.upkeep import prune_alerts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

_BATCH = 100  # as many messages as the explainer takes at once
_REPEATS = 15
_MIB = 2**20
_TARGET_MS = 50.0


def main() -> None:
    """Fill a book, then look at it, prune it and copy it."""
    asked = _asked()
    with tempfile.TemporaryDirectory(prefix="tocsin-book-", dir=asked.folder) as folder:
        file = Path(folder) / "alerts.db"
        url = asked.url or f"sqlite:///{file}"
        engine = open_engine(url)
        migrate(engine)
        book = AlertBook(engine)
        ours = _fill(book, asked.alerts)
        plain = _fill_plainly(Path(folder) / "plain.db", min(asked.alerts, 50_000))
        print(
            f"insert, commits of {_BATCH} alerts: {ours:,.0f} alerts/s; plain sqlite3 rows {plain:,.0f}/s; "
            f"ratio {ours / plain:.2f}"
        )
        if not asked.url:
            print(
                f"size: {file.stat().st_size / _MIB:,.0f} MiB, {file.stat().st_size / asked.alerts:,.0f} bytes an alert"
            )
        _look(engine)
        _prune_while_writing(book, asked.alerts)
        if not asked.url:
            _copy_while_writing(book, url, Path(folder) / "copy.db")
        engine.dispose()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=1_000_000)
    parser.add_argument("--url", help="an empty database of a server, in place of a SQLite file")
    parser.add_argument("--folder", help="where the file is made: 2 KiB an alert, as much for the copy")
    return parser.parse_args()


def _fill(book: AlertBook, count: int) -> float:
    writing, told, late = 0.0, time.perf_counter(), 0.0
    for first in range(0, count, _BATCH):
        records = alerts_of(range(first, min(first + _BATCH, count)))
        start = time.perf_counter()
        with book.writing() as entry:
            entry.save(records)
        taken = time.perf_counter() - start
        writing, late = writing + taken, late + taken * (10 * first >= 9 * count)
        if time.perf_counter() - told > 30:
            told = time.perf_counter()
            print(f"  {first:,} after {writing:,.0f} s of writing", flush=True)
    print(f"the last tenth: {count / 10 / late:,.0f} alerts/s")
    return count / writing


def _fill_plainly(file: Path, count: int) -> float:
    """Insert rows of the same length into one plain table, with the same pragmas and commits."""
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE alerts (id INTEGER PRIMARY KEY, incident TEXT UNIQUE, body TEXT)")
    body = "x" * 1_200
    start = time.perf_counter()
    for first in range(0, count, _BATCH):
        connection.execute("BEGIN IMMEDIATE")
        rows = ((f"{number:032x}", body) for number in range(first, first + _BATCH))
        connection.executemany("INSERT INTO alerts (incident, body) VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    taken = time.perf_counter() - start
    connection.close()
    return count / taken


def _look(engine: Engine) -> None:
    seldom, common = words_of()
    middle = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=20)
    device = DEVICES[7]

    def feed() -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT * FROM alert_feed LIMIT 50")).all()

    def deep() -> None:
        page(engine, after=deep_cursor)

    deep_cursor = page(engine, Filters(until=middle)).next
    newest = page(engine, limit=1).alerts[0]
    looks: dict[str, Callable[[], Any]] = {
        "alert_feed, first 50": feed,
        "first page": lambda: page(engine),
        "a page in the middle": deep,
        "a device's history, first page": lambda: page(engine, Filters(device=device)),
        "open ones": lambda: page(engine, Filters(status=["open"])),
        "critical ones of a device": lambda: page(engine, Filters(device=device, severity="critical")),
        "of a seldom kind": lambda: page(engine, Filters(kinds=["clock"])),
        "search, seldom word": lambda: page(engine, Filters(text=seldom)),
        "search, word in every alert": lambda: page(engine, Filters(text=common)),
        "search, two words of a device": lambda: page(engine, Filters(text=f"{common} shifted", device=device)),
        "search, beginning of a word": lambda: page(engine, Filters(text="temperatu")),
        "search, no match": lambda: page(engine, Filters(text="zzz")),
        "similar incidents": lambda: similar(engine, newest),
    }
    for name, look in looks.items():
        times = sorted(_timed(look) for _ in range(_REPEATS))
        print(
            f"{name:34} median {statistics.median(times):7.1f} ms   worst of {_REPEATS} {times[-1]:7.1f} ms"
            f"{'' if statistics.median(times) < _TARGET_MS else '   OVER 50 ms'}"
        )


def _timed(look: Callable[[], Any]) -> float:
    start = time.perf_counter()
    look()
    return (time.perf_counter() - start) * 1000


def _prune_while_writing(book: AlertBook, count: int) -> None:
    """Delete a tenth in the explainer's small steps, with a batch of new alerts between two of them."""
    before = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=30 * count // 10)
    alone = _write_times(book, count, 30)
    gone, writes, number = 0, [], count + 30 * _BATCH
    start = time.perf_counter()
    while True:
        with book.writing() as entry:
            step = prune_alerts(entry.connection, before, 50)
        gone += step
        if not step:
            break
        if gone % 2_500 == 0:
            writes += _write_times(book, number, 1)
            number += _BATCH
    taken = time.perf_counter() - start - sum(writes) / 1000
    print(
        f"prune: {gone:,} alerts at {gone / taken:,.0f}/s; a commit of {_BATCH} alerts takes "
        f"{statistics.median(alone):.0f} ms alone, {statistics.median(writes or [0]):.0f} ms between two steps"
    )


def _copy_while_writing(book: AlertBook, url: str, target: Path) -> None:
    number, ends, writes = 10**8, threading.Event(), []

    def write() -> None:
        nonlocal number
        while not ends.is_set():
            writes.extend(_write_times(book, number, 1))
            number += _BATCH

    writer = threading.Thread(target=write)
    writer.start()
    start = time.perf_counter()
    counts = backup(url, target)
    taken = time.perf_counter() - start
    ends.set()
    writer.join()
    copied = (
        f"{taken:.1f} s for {target.stat().st_size / _MIB:,.0f} MiB with {counts['alerts']:,} alerts, looked through"
    )
    print(f"backup while writing: {copied}; {len(writes)} commits of {_BATCH} meanwhile, worst {max(writes):.0f} ms")


def _write_times(book: AlertBook, first: int, commits: int) -> list[float]:
    times = []
    for commit in range(commits):
        records = alerts_of(range(first + commit * _BATCH, first + (commit + 1) * _BATCH))
        start = time.perf_counter()
        with book.writing() as entry:
            entry.save(records)
        times.append((time.perf_counter() - start) * 1000)
    return times


if __name__ == "__main__":
    random.seed(1)
    main()
