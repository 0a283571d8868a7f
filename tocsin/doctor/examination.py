"""`tocsin doctor`: all checks in order, each shown as it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from contracts.topics import Topics
from tocsin.book.alert_database import sqlite_file
from tocsin.doctor import database, machine, outputs, services
from tocsin.doctor.dead_letters import dead_letters
from tocsin.doctor.door import Door
from tocsin.doctor.finding import Finding, bad, skipped
from tocsin.doctor.language_model import language_model
from tocsin.doctor.models import models
from tocsin.terminal import CommandError, output, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.command_settings import CommandSettings
    from tocsin.doctor.finding import Outcome

_MARKS: dict[Outcome, tuple[str, str]] = {
    "good": ("✔", "green"),
    "bad": ("✘", "bold red"),
    "doubtful": ("!", "yellow"),
    "skipped": ("·", "dim"),
}
_NAME_WIDTH = 19
_ESSENTIAL = frozenset({"canary", "services"})


def examine(settings: CommandSettings, *, send: bool = False) -> int:
    """Look at everything, with `send` send outputs a test message; return the exit code: 1 when something is wrong."""
    console = output()
    seen: list[Finding] = []
    with console.status("looking"):
        for finding in _findings(settings, send=send):
            console.print(finding_text(finding))
            seen.append(finding)
    wrong = sum(finding.outcome == "bad" for finding in seen)
    blind = any(finding.outcome == "skipped" and finding.name in _ESSENTIAL for finding in seen)
    console.print()
    console.print(_verdict(wrong, blind=blind), style="bold")
    return 1 if wrong else 0


def _verdict(wrong: int, *, blind: bool) -> str:
    if wrong:
        return f"{wrong} thing{' is' if wrong == 1 else 's are'} wrong."
    return "Nothing is wrong in what could be seen." if blind else "Nothing is wrong."


def finding_text(finding: Finding) -> Text:
    """Write a finding in one line, and what to do in another."""
    mark, style = _MARKS[finding.outcome]
    text = Text.assemble((mark, style), " ", (f"{finding.name:<{_NAME_WIDTH}}", "bold"), " ", printable(finding.seen))
    if finding.remedy:
        text.append(f"\n  {'':<{_NAME_WIDTH}} → {finding.remedy}", style="" if finding.outcome == "bad" else "dim")
    return text


def _findings(settings: CommandSettings, *, send: bool) -> Iterator[Finding]:
    yield from _safely("Python", machine.python())
    yield from _broker_findings(settings)
    yield from _safely("database", database.findings(settings.database_url))
    yield from _safely(
        "dead letters", (dead_letters(url, Topics(settings.topic_prefix)) for url in [settings.database_url])
    )
    yield from _safely("models", (models(folder) for folder in [settings.state_dir]))
    yield from _safely("language model", (language_model() for _ in range(1)))
    yield from _safely("outputs", outputs.findings(send=send))
    file = sqlite_file(settings.database_url)
    folder = settings.state_dir if file is None else file.parent
    yield from _safely("disk", (machine.disk(folder) for _ in range(1)))


def _broker_findings(settings: CommandSettings) -> Iterator[Finding]:
    topics = Topics(settings.topic_prefix)
    door = Door(settings.connection, topics)
    seen = list(_safely("broker", door.findings()))
    yield from seen
    if any(finding.outcome == "bad" and finding.name in {"broker", "log-in"} for finding in seen):
        yield skipped("services", "cannot be seen without the broker")
    elif any(finding.name == "canary" and finding.outcome == "skipped" for finding in seen):
        yield skipped("services", "their states are for the operator's eyes")
    else:
        yield from _safely("services", _service_findings(settings, topics))


def _service_findings(settings: CommandSettings, topics: Topics) -> Iterator[Finding]:
    yield from services.findings(services.listen(settings.connection, topics))


def _safely(name: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Let a check that breaks be a finding, so that the others go on."""
    try:
        yield from findings
    except CommandError as error:
        yield bad(name, error.problem, "; ".join(error.remedies))
    except Exception as error:  # noqa: BLE001 - an examination says what it stumbled over, and goes on
        yield bad(name, f"the check itself failed: {type(error).__name__}: {error}", "please report this")
