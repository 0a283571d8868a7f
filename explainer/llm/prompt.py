"""Prompts from template files, and the evidence as a model sees it: derived figures only, names as quoted data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from explainer.errors import PromptError
from explainer.evidence import leading_contributions
from explainer.providers.port import Line
from explainer.words.earlier import without_earlier
from explainer.words.usual import side
from explainer.words.wording import clean, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.alert import Alert, EarlierIncident
    from contracts.anomaly import Contribution

FOLDER = Path(__file__).parent.parent / "prompts"
MAX_NAME = 60
_MAX_UNIT = 16
_MAX_PROBLEM = 300
_MAX_NOTES = 1600
_MAX_SUMMARY = 300  # a very small model loses its way in more
_LONGEST_RARITY_DAYS = 3650.0  # beyond, the figure is a tail's guess that tells nobody anything
_PLACEHOLDER = re.compile(r"\{(?:evidence|summary)\}")
_SYSTEM, _USER = "# system\n", "\n# user\n"


@dataclass(frozen=True, slots=True)
class Background:
    """What is known beside the alert itself.

    Attributes:
        notes: what the site knows of the device.
        devices: how many devices failed together, None where it was one.
        kinds: how many of them with each kind of trouble.
        others: names of other devices, by which an answer is checked; never sent.
    """

    notes: str | None = None
    devices: int | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    others: tuple[str, ...] = ()


NO_BACKGROUND = Background()


@dataclass(frozen=True, slots=True)
class Template:
    """The words around the evidence."""

    name: str
    system: str
    user: str
    repair: str

    def lines(self, alert: Alert, background: Background = NO_BACKGROUND) -> tuple[Line, ...]:
        """Ask about an alert."""
        told = derived_evidence(alert) | _told_of(background)
        words = {"{evidence}": msgspec.json.encode(told).decode(), "{summary}": _summary(alert)}
        user = _PLACEHOLDER.sub(lambda found: words[found.group()], self.user)  # in one go: names may look like one
        return Line("system", self.system), Line("user", user)

    def repair_lines(self, lines: tuple[Line, ...], answer: str, problem: str) -> tuple[Line, ...]:
        """Ask again, saying what was wrong."""
        words = self.repair.replace("{problem}", clean(problem, _MAX_PROBLEM))
        return *lines, Line("assistant", answer), Line("user", words)


def load_template(name: str) -> Template:
    """Read a template: the name of one that comes with Tocsin, or the path of a file.

    Raises:
        PromptError: there is no such file, or it lacks `# system`, `# user` or one of `{evidence}` and `{summary}`.
    """
    own = FOLDER / f"{name}.md"
    path = own if "/" not in name and own.is_file() else Path(name)
    text, repair = _read(path), _read(FOLDER / "repair.md")
    system, parted, user = text.removeprefix(_SYSTEM).partition(_USER)
    if not text.startswith(_SYSTEM) or not parted:
        raise PromptError(
            f"prompt template {path}: expected a line '# system' at its top and a line '# user' further on"
        )
    if len(_PLACEHOLDER.findall(user)) != 1 or _PLACEHOLDER.search(system):
        raise PromptError(
            f"prompt template {path}: expected {{evidence}} (figures as JSON) or {{summary}} (a few sentences) once, "
            "below '# user'"
        )
    return Template(path.stem, system.strip(), user.strip(), repair.strip())


def derived_evidence(alert: Alert) -> dict[str, Any]:
    """Return what leaves the machine: figures that were computed, names and units shortened and cleaned."""
    evidence = alert.evidence
    found: dict[str, Any] = {
        "device": clean(alert.device, MAX_NAME),
        "kind": evidence.kind.replace("_", " "),
        "severity": alert.severity,
        "metrics": [_metric(one) for one in leading_contributions(evidence.contributions)],
        "abnormal_readings": evidence.readings,
    }
    watched = _LONGEST_RARITY_DAYS if evidence.watched_days is None else evidence.watched_days
    if evidence.rarity_days is not None and evidence.rarity_days < watched:  # else it is only how long was watched
        found["days_between_such_events"] = float(number(evidence.rarity_days))
    if evidence.earlier:
        found["earlier_incidents_like_this"] = [_earlier(one) for one in evidence.earlier]
    return found


def _summary(alert: Alert) -> str:
    """Say the evidence in sentences, without what people noted on earlier incidents."""
    return clean(without_earlier(alert.evidence), _MAX_SUMMARY)


def _told_of(background: Background) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if background.devices is not None:
        told["failed_in_the_same_minute"] = {"devices": background.devices, "with": dict(background.kinds)}
    if background.notes:
        told["notes_of_the_site"] = clean(background.notes, _MAX_NOTES)
    return told


def _earlier(incident: EarlierIncident) -> dict[str, str]:
    found = {"kind": incident.kind.replace("_", " ")}
    return found | ({"people_said": incident.verdict.replace("_", " ")} if incident.verdict else {})


def _metric(contribution: Contribution) -> dict[str, Any]:
    figures = {"observed": contribution.observed, "expected": contribution.expected}
    figures |= {"usually_from": contribution.lower, "usually_to": contribution.upper}
    found: dict[str, Any] = {"name": clean(contribution.metric, MAX_NAME)}
    if contribution.unit:
        found["unit"] = clean(contribution.unit, _MAX_UNIT)
    found |= {name: float(number(value)) for name, value in figures.items() if value is not None}
    found["compared_with_usual"] = side(contribution)
    found["share_percent"] = round(contribution.share * 100)
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"prompt template {path}: expected a readable text file ({error})") from error
