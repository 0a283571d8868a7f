"""The recent readings of every device, as the detector keeps them: asked from beside it, without making it wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from contracts.decode_reading import decode_reading
from contracts.errors import DecodeError
from detector.store.bands import Band, unpacked
from detector.store.beside import reading_beside
from detector.store.incident_ledger import IncidentLedger
from detector.store.reading_log import ALARM, LATE

if TYPE_CHECKING:
    from pathlib import Path

    from detector.store.incident_ledger import Span

MOST_ROWS = 10_000


class RecentReading(msgspec.Struct, frozen=True, gc=False):
    """One reading with what was found in it.

    Attributes:
        position: rises from reading to reading, across all devices and restarts.
        measured_at: event time.
        values: by metric; None is "no value".
        score: calibrated alarm score, 0 to 1; None for a reading that came too late to be scored.
        decision: of the model; lower is more abnormal; None while there was no model.
        alarm: the verdict on this reading.
        band: what was expected then; kept every few seconds, and at every alarm.
    """

    position: int
    measured_at: datetime
    values: dict[str, float | None]
    score: float | None
    decision: float | None
    alarm: bool
    band: Band | None = None


class RecentDevice(msgspec.Struct, frozen=True, gc=False):
    """A device of the ring: how many readings are kept, and when the newest of them arrived."""

    name: str
    readings: int
    newest_at: datetime | None


class RecentReadings:
    """Asks the ring of recent readings: by default of 24 hours, at most 10,000 rows a device.

    Args:
        path: of the detector's state file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def window(
        self, device: str, since: datetime | None = None, until: datetime | None = None, limit: int = MOST_ROWS
    ) -> list[RecentReading]:
        """Return the newest `limit` readings measured at or after `since` and before `until`, oldest first.

        Readings come in the order in which they arrived; an unknown device has none.

        Raises:
            StateError: the file cannot be read.
        """
        with reading_beside(self._path) as connection:
            rows = connection.execute(
                "SELECT position, coalesce(measured_at, received_at), received_at, payload, score, decision,"
                " verdict, band FROM readings WHERE device = (SELECT number FROM devices WHERE name = ?1)"
                " AND coalesce(measured_at, received_at) >= ?2 AND coalesce(measured_at, received_at) < ?3"
                " ORDER BY position DESC LIMIT ?4",
                (device, _epoch(since, -1e18), _epoch(until, 1e18), max(limit, 0)),
            ).fetchall()
        return [reading for row in reversed(rows) if (reading := _reading(device, *row)) is not None]

    def spans(self, device: str) -> list[Span]:
        """Return when the device's incidents were open, and what people said of them, oldest first.

        Raises:
            StateError: the file cannot be read.
        """
        with reading_beside(self._path) as connection:
            return IncidentLedger(connection).spans(device, -1e18)

    def devices(self) -> list[RecentDevice]:
        """Return every device that was ever heard of, by name.

        Raises:
            StateError: the file cannot be read.
        """
        with reading_beside(self._path) as connection:
            rows = connection.execute(
                "SELECT d.name, count(r.position), max(r.received_at) FROM devices d"
                " LEFT JOIN readings r ON r.device = d.number GROUP BY d.number ORDER BY d.name"
            ).fetchall()
        return [RecentDevice(name, count, None if at is None else _time(at)) for name, count, at in rows]


def _reading(  # noqa: PLR0913, PLR0917 - the columns of a row
    device: str,
    position: int,
    measured_at: float,
    received_at: float,
    payload: bytes,
    score: float | None,
    decision: float | None,
    verdict: int | None,
    band: bytes | None,
) -> RecentReading | None:
    """Read a row; None for what an older version took for a reading and this one does not."""
    try:
        values = decode_reading(payload, device, _time(received_at)).values
    except DecodeError:
        return None
    return RecentReading(
        position,
        _time(measured_at),
        values,
        None if verdict == LATE else score,
        decision,
        verdict == ALARM,
        None if band is None else unpacked(band),
    )


def _epoch(time: datetime | None, otherwise: float) -> float:
    return otherwise if time is None else time.timestamp()


def _time(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
