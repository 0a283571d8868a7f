"""What holds the house together: lists of packages that must agree."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}


def read_import_linter() -> set[str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return set(parser["importlinter"]["root_packages"].split())


def test_every_package_has_its_place_among_the_layers() -> None:
    """A package that import-linter does not know could import anything; none is left out."""
    assert read_import_linter() == OURS


@pytest.mark.parametrize("file", [".dockerignore", "pyproject.toml", "Makefile"])
def test_every_package_is_listed_where_packages_are_listed(file: str) -> None:
    """A new package is shipped, checked and tested only when these files name it."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [package for package in sorted(OURS) if package not in text] == []


def test_every_lock_file_pins_by_hash() -> None:
    """No requirement is installed without the hash of what was reviewed."""
    for file in (ROOT / "requirements").glob("*.txt"):
        entries = [line for line in file.read_text(encoding="utf-8").splitlines() if line and line[0].isalnum()]
        assert entries
        assert all("==" in line and line.endswith("\\") for line in entries), file


def test_every_setting_of_the_readme_reaches_the_containers() -> None:
    """The README's table and the compose file name the same settings."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Settings\n")[1].split("\n## ")[0]
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    offered = set(re.findall(r"`((?:TOCSIN|TOGETHER)_\w+)`", table))
    handed_on = set(re.findall(r"\$\{(\w+)", compose)) | set(re.findall(r"^ +(\w+):(?: #.*)?$", compose, re.MULTILINE))
    assert offered <= handed_on
    assert {name for name in handed_on if name.startswith("TOCSIN_")} <= offered
