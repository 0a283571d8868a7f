"""The alert database as the page reads it; every method may take a while and raises UnavailableError when it cannot."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from contracts.anomaly import Anomaly
from storage.availability import reading
from storage.browsing import Filters, page
from storage.errors import UnavailableError
from storage.explaining import spent_since
from storage.queries import alert, anomaly_bodies
from storage.records import Spending
from storage.similar import similar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.alert import Alert
    from storage.availability import Engine
    from storage.browsing import Page
    from storage.similar import Earlier

_PAGE = 500
_SPENT_WITHIN = timedelta(hours=24)
_decoder = msgspec.json.Decoder(Anomaly)


@dataclass(slots=True)
class Shelf:
    """Alerts and what belongs to them.

    Attributes:
        works: how the last look at the database went.
        spent: what the language model took in the last 24 hours, as of the last look.
    """

    engine: Engine
    works: bool = field(default=True, init=False)
    spent: Spending = field(default=Spending(0, 0), init=False)

    def look(self) -> None:
        """Sum what the language model took in the last 24 hours."""
        with self._looking(), self.engine.connect() as connection:
            self.spent = spent_since(connection, datetime.now(UTC) - _SPENT_WITHIN)

    def page(self, filters: Filters, after: str | None, limit: int) -> Page:
        """Return alerts, newest first.

        Raises:
            BadCursorError: `after` is no cursor.
        """
        with self._looking():
            return page(self.engine, filters, after=after, limit=limit)

    def every(self, filters: Filters, limit: int) -> Iterator[Alert]:
        """Return up to `limit` alerts, newest first, read a page at a time."""
        after, left = None, limit
        while left > 0:
            found = self.page(filters, after, min(_PAGE, left))
            yield from found.alerts
            left -= len(found.alerts)
            after = found.next
            if after is None:
                return

    def alert(self, incident: str) -> Alert:
        """Return one alert.

        Raises:
            UnknownIncidentError: none is stored.
        """
        with self._looking():
            return alert(self.engine, incident)

    def anomalies(self, incident: str, limit: int) -> list[Anomaly]:
        """Return the stored anomalies of an incident, oldest first, without those that cannot be read any more."""
        with self._looking():
            bodies = anomaly_bodies(self.engine, incident, limit)
        return [anomaly for body in bodies if (anomaly := _anomaly(body)) is not None]

    def similar(self, alert: Alert, limit: int) -> list[Earlier]:
        """Return earlier incidents of the device that resemble one."""
        with self._looking():
            return similar(self.engine, alert, limit)

    def spans(self, device: str, since: datetime | None, until: datetime | None, limit: int) -> list[Alert]:
        """Return the newest incidents of a device that were opened in a span."""
        return self.page(Filters(device=device, since=since, until=until), None, limit).alerts

    @contextmanager
    def _looking(self) -> Iterator[None]:
        try:
            with reading():
                yield
        except UnavailableError:
            self.works = False
            raise
        self.works = True


def _anomaly(body: str) -> Anomaly | None:
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return None
