"""Looks at this machine: Python and its packages, and the room on the disk."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, requires
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from runtime.version import version
from tocsin.doctor.finding import bad, doubtful, good, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tocsin.doctor.finding import Finding

_NEEDED_PYTHON = (3, 11)
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?P<bounds>[^;]*)(?:;.*extra == ['\"](?P<extra>\w+)['\"])?")
_BOUND = re.compile(r"(>=|<|==|<=|>)\s*([\d.]+)")
_USED = frozenset({None, "producer", "detector", "explainer", "cli"})
_GIB = 2**30
_LITTLE, _TOO_LITTLE = 2 * _GIB, _GIB // 4


def python() -> Iterator[Finding]:
    """Look at Python and at the packages that Tocsin needs."""
    words = f"Python {platform.python_version()}, Tocsin {version()}"
    if sys.version_info < _NEEDED_PYTHON:
        yield bad("Python", words, "install Python 3.11 or newer")
    else:
        yield good("Python", words)
    try:
        wanted = requires("tocsin")
    except PackageNotFoundError:
        yield skipped("packages", "Tocsin runs from a source tree that was never installed", "pip install -e .")
        return
    if wanted:  # an image asks for none: its packages were pinned when it was built
        yield packages(wanted)


def packages(wanted: list[str]) -> Finding:
    """Compare what is installed with what the package asks for, such as 'numpy>=2; extra == "producer"'."""
    checked, wrong = 0, []
    for requirement in wanted:
        found = _REQUIREMENT.match(requirement)
        if found is None or found["extra"] not in _USED:
            continue
        checked += 1
        try:
            have = installed_version(found["name"])
        except PackageNotFoundError:
            wrong.append(f"{found['name']} is missing" + (f" (extra {found['extra']})" if found["extra"] else ""))
            continue
        if not _within(have, found["bounds"]):
            wrong.append(f"{found['name']} is {have}, needed is {found['bounds'].strip()}")
    if wrong:
        return bad(
            "packages", "; ".join(wrong), "make install, or pip install 'tocsin[producer,detector,explainer,cli]'"
        )
    return good("packages", f"{checked} packages as needed")


def disk(folder: Path) -> Finding:
    """Look at the room on the disk where the alerts go."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    words = f"{free / _GIB:.1f} GiB free at {existing}"
    if free < _TOO_LITTLE:
        return bad("disk", words, "make room: without it neither alerts nor state can be stored")
    if free < _LITTLE:
        return doubtful("disk", words, "make room soon")
    return good("disk", words)


def _within(have: str, bounds: str) -> bool:
    mine = _numbers(have)
    for sign, bound in _BOUND.findall(bounds):
        other = _numbers(bound)
        holds = {">=": mine >= other, "<": mine < other, "==": mine == other, "<=": mine <= other, ">": mine > other}
        if not holds[sign]:
            return False
    return True


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
