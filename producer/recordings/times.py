"""Times in cells: epoch numbers, ISO 8601, and the day-and-clock forms that machines and spreadsheets write."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UNITS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0}
EPOCH_UNITS: Final = ("s", "ms", "us", "ns")
_PER_MILLISECOND: Final = {"ms": 1, "us": 1_000, "ns": 1_000_000}
ELAPSED: Final = "elapsed"
_EARLIEST, _LATEST = 3.15e8, 4.1e9  # 1980 to 2099 in epoch seconds
_DAYS: Final = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%b %d, %Y",
    "%b %d %Y",
)
_CLOCKS: Final = (
    "%H:%M:%S",
    "%H:%M:%S.%f",
    "%H:%M",
    "%I:%M:%S %p",
    "%I:%M %p",
    "%H.%M.%S",
    "%H%M%S",
    "%H:%M:%S,%f",
    "%H:%M:%S %z",
)
_FORMATS: Final = tuple(f"{day}{gap}{clock}" for day in _DAYS for clock in _CLOCKS for gap in (" ", "T"))
FORMATS: Final = (*_FORMATS, *_DAYS, "%Y%m%d%H%M%S")
_UNIT_IN_NAME: Final = re.compile(r"(?:^|[^a-z])(ms|us|µs|ns|min|h)(?:[^a-z]|$)|(milli|micro|nano)s|(minute|hour)")
_UNIT_WORDS: Final = {"milli": "ms", "micro": "us", "nano": "ns", "minute": "min", "hour": "h", "µs": "us"}


@dataclass(frozen=True, slots=True)
class TimeForm:
    """How times are written.

    Attributes:
        name: "iso", an epoch unit, "elapsed s" and so on, or a strptime format.
        zone: of times that do not name one.
        doubt: what a person should check, empty if nothing.
    """

    name: str
    zone: tzinfo = UTC
    doubt: str = ""

    def read(self, text: str, start: datetime = EPOCH) -> datetime:
        """A time in UTC.

        Args:
            text: as it stands in the file.
            start: what elapsed times count from.

        Raises:
            ValueError: the text is no such time.
        """
        try:
            return self._read(text.strip(), start)
        except OverflowError as error:
            raise ValueError(str(error)) from error

    def _read(self, text: str, start: datetime) -> datetime:
        kind, _, unit = self.name.rpartition(" ")
        if self.name in EPOCH_UNITS:
            return EPOCH + _span(text, self.name)
        if kind == ELAPSED:
            return start + _span(text, unit)
        time = datetime.fromisoformat(text) if self.name == "iso" else datetime.strptime(text, self.name)  # noqa: DTZ007 - the zone comes next
        return (time if time.tzinfo else time.replace(tzinfo=self.zone)).astimezone(UTC)


def find_form(texts: Sequence[str], zone: tzinfo, *, name: str | None = None) -> TimeForm | None:
    """The form that nearly all texts have, or None; a few may be damaged.

    Args:
        texts: the column's first cells, none of them missing.
        zone: of times that do not name one.
        name: the column's name where that speaks of time; only then are plain numbers taken for times.
    """
    if not texts:
        return None
    numbers = [text for text in texts if _is_number(text)]
    if _nearly_all(len(numbers), texts):
        return None if name is None else _numeric_form(numbers, zone, name)
    if not _nearly_all(sum(any(c.isdigit() for c in text) for text in texts), texts):
        return None
    iso = TimeForm("iso", zone)
    if reads(iso, texts):
        return iso
    forms = [form for form in (TimeForm(pattern, zone) for pattern in FORMATS) if reads(form, texts)]
    return _likeliest(forms, texts) if forms else None


def _numeric_form(texts: Sequence[str], zone: tzinfo, name: str) -> TimeForm | None:
    numbers = [float(text) for text in texts]
    for unit in EPOCH_UNITS:
        if _nearly_all(sum(_EARLIEST <= number * UNITS[unit] <= _LATEST for number in numbers), numbers):
            return TimeForm(unit, zone)
    forms = [form for form in (TimeForm("%Y%m%d%H%M%S", zone), TimeForm("%Y%m%d", zone)) if reads(form, texts)]
    if forms:
        return forms[0]
    elapsed = TimeForm(f"{ELAPSED} {_unit_in(name)}", zone)
    return elapsed if _rises(numbers) and reads(elapsed, texts) else None


def _unit_in(name: str) -> str:
    """The unit that a column's name gives, such as "Time (ms)"; seconds by default."""
    found = _UNIT_IN_NAME.search(name.lower())
    word = next((group for group in found.groups() if group), "s") if found else "s"
    return _UNIT_WORDS.get(word, word)


def _likeliest(forms: list[TimeForm], texts: Sequence[str]) -> TimeForm:
    """Of several forms (day and month may be swapped) the one whose times rise, over the shortest span."""

    def disorder(form: TimeForm) -> tuple[bool, float]:
        times = [time.timestamp() for time in _times(form, texts)]
        return not _rises(times), max(times) - min(times)

    ranked = sorted(forms, key=disorder)
    best = ranked[0]
    if len(ranked) > 1 and disorder(ranked[1]) == disorder(best):
        doubt = f"read as {best.name}, {ranked[1].name} is as likely: say which with the time format"
        return TimeForm(best.name, best.zone, doubt=doubt)
    return best


def reads(form: TimeForm, texts: Sequence[str]) -> bool:
    """Whether nearly all texts have the form."""
    allowed = len(texts) - _enough(len(texts))
    for text in texts:
        try:
            form.read(text)
        except ValueError:
            allowed -= 1
            if allowed < 0:
                return False
    return True


def _times(form: TimeForm, texts: Sequence[str]) -> list[datetime]:
    times = []
    for text in texts:
        with suppress(ValueError):
            times.append(form.read(text))
    return times


def _nearly_all(count: int, of: Sized) -> bool:
    return count >= _enough(len(of))


def _enough(count: int) -> int:
    """Four in five, and at least one."""
    return max(1, math.ceil(0.8 * count))


def _span(text: str, unit: str) -> timedelta:
    if unit in ("ns", "us", "ms") and text.lstrip("-").isdigit():  # whole numbers keep their last digit
        return timedelta(microseconds=int(text) * 1000 // _PER_MILLISECOND[unit])
    return timedelta(microseconds=round(float(text) * UNITS[unit] * 1e6))


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) >= 0 and "_" not in text
    except ValueError:
        return False


def _rises(numbers: list[float]) -> bool:
    """Whether most steps go up or stay, and some go up."""
    steps = list(pairwise(numbers))
    backwards = sum(later < earlier for earlier, later in steps)
    return backwards <= 0.1 * len(steps) and (not steps or numbers[-1] > numbers[0])
