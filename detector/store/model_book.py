"""Which versions of a device's model are kept: when they were fitted, on how much, why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import sqlite3

    from detector.models.fit import FittedModel

SCHEMA = """
CREATE TABLE IF NOT EXISTS models (
    device INTEGER NOT NULL,
    version INTEGER NOT NULL,
    fitted_at REAL NOT NULL,
    rows INTEGER NOT NULL,
    learned INTEGER NOT NULL,
    backend TEXT NOT NULL,
    metrics INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (device, version)
) WITHOUT ROWID;
"""


class ModelVersion(msgspec.Struct, frozen=True, gc=False):
    """One version of a device's model.

    Attributes:
        version: rises with every fit.
        fitted_at: when it was taken into use first.
        rows, learned: it was fitted on, and the rows of the normal course that stand behind them.
        backend, metrics: the algorithm, how many metrics it knows.
        reason: why it was fitted: first, grown, ordered, interval, trained.
    """

    version: int
    fitted_at: datetime
    rows: int
    learned: int
    backend: str
    metrics: int
    reason: str


class ModelBook:
    """Rows of one table; every method works inside the caller's transaction.

    Args:
        connection: the detector's state file, whose schema holds `SCHEMA`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, device: int, model: FittedModel, reason: str, now: float) -> None:
        """Note a version that was fitted."""
        self._connection.execute(
            "INSERT OR REPLACE INTO models (device, version, fitted_at, rows, learned, backend, metrics, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (device, model.version, now, len(model.rows), model.learned, model.backend, len(model.metrics), reason),
        )

    def forget(self, device: int, version: int) -> None:
        """Forget a version."""
        self._connection.execute("DELETE FROM models WHERE device = ? AND version = ?", (device, version))

    def next_version(self, device: int) -> int:
        """Name the next fit of a device: no version that is known is used twice."""
        row = self._connection.execute(
            "SELECT max(coalesce((SELECT max(version) FROM models WHERE device = ?1), 0),"
            " coalesce((SELECT model_version FROM devices WHERE number = ?1), 0)) + 1",
            (device,),
        ).fetchone()
        return int(row[0])

    def versions(self, device: int) -> list[ModelVersion]:
        """List the versions of a device that are kept, newest first."""
        rows = self._connection.execute(
            "SELECT version, fitted_at, rows, learned, backend, metrics, reason FROM models WHERE device = ?"
            " ORDER BY version DESC",
            (device,),
        )
        return [ModelVersion(row[0], datetime.fromtimestamp(row[1], UTC), *row[2:]) for row in rows]

    def fitted_at(self) -> dict[tuple[int, int], float]:
        """Read when each version of each device was fitted, epoch s."""
        rows = self._connection.execute("SELECT device, version, fitted_at FROM models")
        return {(device, version): at for device, version, at in rows}
