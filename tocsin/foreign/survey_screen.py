"""A survey as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from devices.profiles.profile import Limits
from tocsin.foreign.survey import MOST_METRICS
from tocsin.terminal import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.foreign.survey import Sighting, Survey

_SHOWN_METRICS = 6
_NAME_WIDTH = 40
_MINUTE_S = 59.5


def survey_table(survey: Survey, rows: int, left: float | None = None) -> Table:
    """Draw devices with their newest values and rates, then what could not be read; at most `rows` rows."""
    count = f"{len(survey.devices)} devices, {sum(survey.kinds.values())} messages"
    title = count if left is None else f"{count}; {max(left, 0):.0f} s left, Ctrl-C ends it"
    table = Table(title=title, title_justify="left", expand=False)
    for name in ("device", "recognised as"):
        table.add_column(name, overflow="ellipsis", max_width=_NAME_WIDTH)
    table.add_column("values", overflow="fold")
    table.add_column("speaks", justify="right", no_wrap=True)
    shown = list(survey.in_order())[: max(rows, 1)]
    for name, seen in shown:
        table.add_row(_name(name, seen), _language(seen), _values(seen), _rate(seen))
    for topic, problem in list(survey.problems.items())[: max(rows - len(shown), 0)]:
        where = Text(printable(topic), style="red")
        table.add_row(where, "cannot be read", printable(problem.reason), _times(problem.count))
    return table


def _messages(count: int) -> str:
    return f"{counted(count, 'message')} {'was' if count == 1 else 'were'}"


def survey_words(survey: Survey) -> Iterator[str]:
    """Say what the table does not."""
    if survey.ours:
        yield f"{_messages(survey.ours)} of Tocsin itself; its detector hears such readings without a profile."
    hidden = survey.kinds.get("ignore", 0)
    if hidden:
        yield f"{_messages(hidden)} orders, logs or the like: nothing to measure."
    if survey.left_out:
        yield f"{survey.left_out} readings of further devices were left out."
    yield from _remarks(survey)
    for prefix in survey.prefixes():
        yield printable(f"{prefix} looks like a bridge's prefix: --strip-prefix {prefix} takes it off the names.")
    most = Limits().devices
    if len(survey.devices) > most:
        yield f"The detector takes {most} devices; `limits: {{devices: …}}` in the profile file allows more."
    if not survey.devices and not survey.problems:
        heard = "Nothing else was heard" if survey.ours or hidden else "Nothing was heard"
        yield f"{heard}. Do the devices speak on this broker, and may this account read their topics?"
    elif not any(seen.live for seen in survey.devices.values()):
        yield "All values were kept by the broker; none is live. A longer --for hears slow devices."


def _remarks(survey: Survey) -> Iterator[str]:
    """Say what the detector would put right or leave out, device by device."""
    for name, seen in survey.in_order():
        if seen.warning:
            yield printable(f"{name}: {seen.warning}")
        if seen.crowded:
            yield printable(f"{name}: over {MOST_METRICS} metrics; `limits: {{metrics_per_device: …}}` allows more")


def _name(name: str, seen: Sighting) -> Text:
    text = Text(printable(name), style="bold")
    if seen.online is not None:
        text.append(" ●" if seen.online else " ○ offline", style="green" if seen.online else "red")
    return text


def _language(seen: Sighting) -> str:
    return f"{seen.language} ({seen.profile})" if seen.profile else seen.language


def _values(seen: Sighting) -> Text:
    text = Text()
    for name, value in list(seen.metrics.items())[:_SHOWN_METRICS]:
        unit = seen.units.get(name, "")
        text.append(f"{printable(name)}=", style="dim")
        text.append(f"{value:g}{printable(unit)}  ")  # without a space, so that a line does not end between them
    more = len(seen.metrics) - _SHOWN_METRICS
    if more > 0:
        text.append(f"and {more} more", style="dim")
    if not seen.metrics:
        text.append("no numbers" + (f"; says {', '.join(list(seen.labels)[:3])}" if seen.labels else ""), style="dim")
    return text


def _rate(seen: Sighting) -> str:
    if seen.interval is not None:
        return "every " + _duration(seen.interval)
    return _times(seen.readings) if seen.live else "kept value"


def _duration(seconds: float) -> str:
    """Write a time as short as people say it."""
    if seconds < _MINUTE_S:
        return f"{seconds:.2g} s"
    return f"{seconds / _MINUTE_S:.2g} min"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
