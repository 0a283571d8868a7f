"""The incidents of a device that are remembered, and what people said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

from detector.rows.time_units import DAY_S
from detector.verdicts.likeness import Likeness
from detector.verdicts.rarity import REMEMBERED_DAYS
from detector.verdicts.recurrence import LAST_S, Occurrence, may_last

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 200

Opinion = Literal["false_positive", "confirmed", "undo"]


class Case(msgspec.Struct):
    """One incident.

    Attributes:
        likeness: what it looks like.
        at: when it was last abnormal, epoch s.
        began, ended: positions of its first and newest reading in the stream.
        opinion: what people say of it; None while they say nothing.
        peak: decades of its rarest score so far; 0 where a rule found it.
        since: when it began, epoch s; 0 where that is not known.
        untold: nobody was told, for the like of it comes at this time every day.
        first: what it looked like when it opened; None if that is not known.
    """

    likeness: Likeness
    at: float
    began: int
    ended: int
    opinion: Literal["false_positive", "confirmed"] | None = None
    peak: float = 0.0
    since: float = 0.0
    untold: bool = False
    first: Likeness | None = None

    @property
    def looks(self) -> tuple[Likeness, ...]:
        """What it looks like, and looked like at first: what lasts may come to accuse others than it began with."""
        return (self.likeness,) if self.first is None else (self.likeness, self.first)

    def covers(self, likeness: Likeness, readings: int) -> bool:
        """Tell whether something of this look, after so many abnormal readings, is the like of it."""
        return any(look.covers(likeness, readings) for look in self.looks)

    @property
    def lasted(self) -> float:
        """Seconds from its first to its newest abnormal reading."""
        return self.at - self.since


class Recollection:
    """Remembers incidents for 90 days, at most 200; those that people spoke of stay longest."""

    def __init__(self, cases: dict[str, Case] | None = None) -> None:
        self._cases = cases or {}

    def remember(  # noqa: PLR0913 - what is known of one incident
        self, incident: str, likeness: Likeness, *, began: float, at: float, position: int, peak: float, untold: bool
    ) -> None:
        """Take down what an incident looks like now, and the decades of its score; the largest of each count.

        Args:
            incident: its id.
            likeness: what it looks like.
            began: when it began, epoch s.
            at: of its newest reading, epoch s.
            position: of that reading in the stream.
            peak: decades of its score; 0 where a rule found it.
            untold: nobody is told, for the like of it comes every day.
        """
        case = self._cases.pop(incident, None)
        if case is None:
            case = Case(likeness, at, position, position, since=began, first=likeness)
        else:
            grown = likeness.size >= case.likeness.size
            kept = likeness if grown else msgspec.structs.replace(case.likeness, kind=likeness.kind)
            case.likeness, case.at, case.ended = kept, at, position
        case.peak, case.untold = max(case.peak, peak), untold
        self._cases[incident] = case
        self._forget(at)

    def say(self, incident: str, opinion: Opinion) -> Case | None:
        """Take people's opinion of an incident; return the incident, None if it is not remembered."""
        if opinion not in get_args(Opinion):
            raise ValueError(f"opinion {opinion!r}: expected one of {', '.join(get_args(Opinion))}")
        case = self._cases.get(incident)
        if case is not None:
            case.opinion = None if opinion == "undo" else opinion
        return case

    def quiets(self, likeness: Likeness, readings: int) -> bool:
        """Tell whether people called something of this look, after so many abnormal readings, a false positive."""
        return self._said("false_positive", likeness, readings)

    def excuses(self, likeness: Likeness, readings: int) -> bool:
        """Tell the same of an incident that is quiet so far; its end, back in bounds, is no other trouble."""
        quiet = (case for case in self._cases.values() if case.opinion == "false_positive")
        return any(case.covers(likeness, readings) or case.likeness.outlasts(likeness) for case in quiet)

    def usual_until(self, occurrence: Occurrence, days: int) -> float:
        """Return until when (epoch s) an incident is what comes every day; 0 if it is not, or was confirmed once.

        Args:
            occurrence: the incident so far.
            days: as for `may_last`.
        """
        if self.confirms(occurrence.likeness, occurrence.readings):
            return 0.0
        longest = may_last(self._cases.values(), occurrence, days)
        return 0.0 if longest is None else occurrence.began + longest

    def prolong(self, incident: str, at: float) -> None:
        """Note that an incident lasted until `at` (epoch s)."""
        if incident in self._cases:
            self._cases[incident].at = at

    def confirms(self, likeness: Likeness, readings: int) -> bool:
        """Tell whether people confirmed something of this look."""
        return self._said("confirmed", likeness, readings)

    def as_rare(self, peak: float, but: str) -> int:
        """Count the incidents whose scores were as rare, `but` one; a peak is in decades."""
        return sum(case.peak >= peak for name, case in self._cases.items() if name != but)

    @property
    def quieted(self) -> int:
        """How many incidents keep their look-alikes silent."""
        return sum(case.opinion == "false_positive" for case in self._cases.values())

    @property
    def recurring(self) -> int:
        """How many incidents of the last week were not told, for the like of them comes every day."""
        untold = [case.at for case in self._cases.values() if case.untold]
        if not untold:  # asked with every reading, and mostly there is none
            return 0
        newest = max(case.at for case in self._cases.values())
        return sum(at > newest - LAST_S for at in untold)

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs."""
        return {name: msgspec.to_builtins(case) for name, case in self._cases.items()}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Recollection:
        """Rebuild from `state`."""
        return cls({name: msgspec.convert(case, Case) for name, case in state.items()})

    def _said(self, opinion: str, likeness: Likeness, readings: int) -> bool:
        return any(case.opinion == opinion and case.covers(likeness, readings) for case in self._cases.values())

    def _forget(self, now: float) -> None:
        last = now - REMEMBERED_DAYS * DAY_S
        old = [name for name, case in self._cases.items() if case.opinion is None and case.at < last]
        for name in old:
            del self._cases[name]
        if len(self._cases) > _MOST:
            unspoken = (name for name, case in self._cases.items() if case.opinion is None)
            del self._cases[next(unspoken, next(iter(self._cases)))]
