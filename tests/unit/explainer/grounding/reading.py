"""Reads the files of answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """One line of a file of answers: `wrong` is None for a true one."""

    incident: str
    language: str
    wrong: str | None
    label: str
    reason: str


def written_answers(name: str) -> list[WrittenAnswer]:
    """Read a file of answers."""
    found, incident = [], ""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            incident = line.strip("[]")
        elif line.startswith(("+", "-")):
            head, label, reason = line.split(" | ")
            _sign, language, *wrong = head.split(" ", 2)
            found.append(WrittenAnswer(incident, language, wrong[0].strip() if wrong else None, label, reason))
    return found
