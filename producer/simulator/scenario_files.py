"""Scenario files: TOML, checked against the schema, with errors that name file and key."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from producer.errors import ScenarioError
from producer.simulator.scenario import Scenario

_FOLDER = Path(__file__).with_name("scenarios")


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios that come with the package."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a scenario by its name (one of `scenario_names()`) or from a TOML file.

    Raises:
        ScenarioError: there is no such scenario, the file is not TOML, or it breaks the schema.
    """
    path = _path_of(name_or_path)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    tables.setdefault("name", path.stem)
    try:
        return Scenario.model_validate(tables)
    except ValidationError as error:
        raise ScenarioError(_explained(path, error)) from error


def _path_of(name_or_path: str | Path) -> Path:
    name = str(name_or_path)
    if name in scenario_names():
        return _FOLDER / f"{name}.toml"
    path = Path(name_or_path)
    if not path.is_file():
        raise ScenarioError(f"no scenario {name!r}: give a TOML file or one of {', '.join(scenario_names())}")
    return path


def _explained(path: Path, error: ValidationError) -> str:
    lines = []
    problems = error.errors(include_url=False)
    for problem in problems:
        place = problem["loc"]
        if problem["type"] == "too_short" and any(p["loc"] > place == p["loc"][: len(place)] for p in problems):
            continue  # it is short because what stands in it is wrong
        key = ".".join(str(part) for part in place) or "file"
        message = problem["msg"].removeprefix("Value error, ")
        shown = "" if isinstance(problem["input"], dict) else f" (is {problem['input']!r})"
        lines.append(f"{path}: {key}: {message}{shown}")
    return "\n".join(lines)
