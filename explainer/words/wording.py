"""Numbers, units, times and names as people read them, and text made safe to show."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC
from math import floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_DIGITS = 4
_PLAIN_BELOW = 1e7
_PLAIN_ABOVE = 1e-4
# Cc, Cf: control, bidi and tag characters; Co, Cs, Cn: no meaning that all readers share; Zl, Zp: hidden line breaks.
_UNSAFE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_DAY_S = 86_400.0
_SEVERAL_AN_HOUR = 1 / 72  # days between two, for three of them
_NEARLY_A_DAY = 0.998  # days: "24 hours" reads as a day
_COMPARED = re.compile(r"(?<=[\s\d])([<>])=?\s*(?=[\d-])")


def compared_in_words(text: str) -> str:
    """Write "below 5" for "< 5", and "above" likewise: the signs would be taken for markup."""
    return _COMPARED.sub(lambda sign: "below " if sign[1] == "<" else "above ", text)


def number(value: float) -> str:
    """Write a number with four significant digits; very large and very small ones by powers of ten."""
    if value == 0:
        return "0"
    size = abs(value)
    if not _PLAIN_ABOVE <= size < _PLAIN_BELOW:
        return f"{value:.3g}"
    places = max(0, _DIGITS - 1 - floor(log10(size)))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: float | None, unit: str | None) -> str:
    """Write a number with its unit; a missing one as "no value"."""
    if value is None:
        return "no value"
    shown = clean(unit, 16) if unit else ""
    if not shown:
        return number(value)
    return f"{number(value)}%" if shown == "%" else f"{number(value)} {shown}"


def moment(time: datetime) -> str:
    """Write a time to the second, in UTC."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(length: timedelta) -> str:
    """Write a length of time in its two largest units."""
    left = max(0, round(length.total_seconds()))
    parts: list[str] = []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count or (name == "s" and not parts):
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def rarity(days: float) -> str:
    """Write how often something happens, given the days between two times."""
    if days < _SEVERAL_AN_HOUR:
        return f"several times an hour ({span_days(days)} apart)"
    if days < _NEARLY_A_DAY:
        return f"about every {span_days(days).removeprefix('1 ')}"
    if days < 365:  # noqa: PLR2004 - a year
        often = number(round(days, 1) if days < 10 else round(days))  # noqa: PLR2004
        return "about once a day" if often == "1" else f"about once in {often} days"
    return "less than once a year"


def span_days(days: float) -> str:
    """Write a length of time given in days, by its largest unit."""
    seconds = days * _DAY_S
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return _counted(number(round(seconds / size, 1)), name)
    return _counted(str(max(1, round(seconds))), "second")


def _counted(count: str, name: str) -> str:
    return f"{count} {name}" if count == "1" else f"{count} {name}s"


def clean(text: str, limit: int) -> str:
    """Strip what a reader cannot see or a terminal would obey, fold white space, and shorten to `limit` characters."""
    # A control character becomes a space, so that what it parted stays apart; an invisible one just goes.
    visible = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    kept = "".join(c for c in visible if unicodedata.category(c) not in _UNSAFE)
    folded = " ".join(kept.split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def strip_escapes(text: str) -> str:
    """Take terminal escape sequences out whole, so that their letters do not stay behind."""
    out, index = [], 0
    while index < len(text):
        if text[index] in "\x1b\x9b":
            index = _after_escape(text, index)
        else:
            out.append(text[index])
            index += 1
    return "".join(out)


def _after_escape(text: str, index: int) -> int:
    introducer = text[index : index + 2]
    if text[index] == "\x9b" or introducer == "\x1b[":
        index += 1 if text[index] == "\x9b" else 2
        while index < len(text) and not "@" <= text[index] <= "~":
            index += 1
        return index + 1
    if introducer in {"\x1b]", "\x1bP", "\x1b_", "\x1b^"}:
        ends = [end for end in (text.find("\x07", index), text.find("\x1b\\", index + 2)) if end >= 0]
        return min(ends) + (1 if text[min(ends)] == "\x07" else 2) if ends else len(text)
    return index + 2
