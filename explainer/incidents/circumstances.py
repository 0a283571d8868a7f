"""What stands around a new incident: earlier ones that resemble it, other devices that failed with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from explainer.words.earlier import SHOWN, earlier_incidents, earlier_words
from storage.similar import opened_last

if TYPE_CHECKING:
    from explainer.incidents.site_incidents import SiteWatch
    from storage.book import BookEntry
    from storage.records import AlertRecord


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Adds what stands around a new incident to its alert.

    Attributes:
        site: knows which incidents belong together.
    """

    site: SiteWatch

    def around(self, entry: BookEntry, record: AlertRecord, records: dict[str, AlertRecord]) -> AlertRecord:
        """Return the record of a new incident with its circumstances.

        Args:
            entry: the transaction in which it is stored.
            record: the new one.
            records: those that the transaction changes; others of the same site incident are changed in it, or saved.
        """
        record = with_earlier(entry, record)
        self.site.recall(partial(opened_last, entry.connection))
        together = self.site.take([record.alert])
        own = together.pop(record.alert.incident, None)
        self._join(entry, together, records)
        return record if own is None else _joined(record, own)

    def _join(self, entry: BookEntry, together: dict[str, str], records: dict[str, AlertRecord]) -> None:
        elsewhere = entry.records([incident for incident in together if incident not in records]) if together else {}
        entry.save(_joined(record, together[incident]) for incident, record in elsewhere.items())
        for incident, site in together.items():
            if incident in records:
                records[incident] = _joined(records[incident], site)


def with_earlier(entry: BookEntry, record: AlertRecord) -> AlertRecord:
    """Add the earlier incidents that a new one resembles to its evidence and its text."""
    earlier = earlier_incidents(entry.similar(record.alert, SHOWN))
    if not earlier:
        return record
    evidence = record.alert.evidence
    text = f"{evidence.text} {earlier_words(earlier)}"
    evidence = msgspec.structs.replace(evidence, text=text, earlier=earlier)
    return replace(record, alert=msgspec.structs.replace(record.alert, evidence=evidence))


def _joined(record: AlertRecord, site: str) -> AlertRecord:
    return replace(record, alert=msgspec.structs.replace(record.alert, site_incident=site))
