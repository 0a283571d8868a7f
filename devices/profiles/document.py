"""A profile file as plain data, with the line of every key."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1_000_000
Place = tuple[str | int, ...]
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-.\"']+)\s*=")


class ProfileError(Exception):
    """A profile file cannot be used; the text has a line for each error: file, line, key, cure."""


@dataclass(slots=True)
class Document:
    """What a file holds.

    Attributes:
        name: of the file.
        content: its data.
        lines: the line of each place, such as `("profiles", 0, "topic")`.
    """

    name: str
    content: Any
    lines: dict[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_document(path: Path) -> Document:
    """Read a YAML or TOML file.

    Raises:
        ProfileError: it cannot be read, or is no YAML or TOML.
    """
    try:
        raw = path.read_bytes()
        text = raw[: MAX_BYTES + 1].decode()
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: not UTF-8 text; save it as UTF-8") from error
    if len(raw) > MAX_BYTES:
        raise ProfileError(f"{path}: longer than {MAX_BYTES} bytes")
    return _toml(str(path), text) if path.suffix == ".toml" else _yaml(str(path), text)


def _yaml(name: str, text: str) -> Document:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            return Document(name, {})
        _refuse_aliases(node)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        raise ProfileError(f"{where}: no YAML: {getattr(error, 'problem', None) or error}") from error
    except RecursionError as error:
        raise ProfileError(f"{name}: nested too deep") from error
    document = Document(name, content)
    _note_lines(node, (), document.lines)
    return document


def _refuse_aliases(node: yaml.Node) -> None:
    """An alias of an alias can stand for more data than fits into memory."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, yaml.CollectionNode):
            if id(one) in seen:
                raise yaml.MarkedYAMLError(problem="aliases are not read; write it out", problem_mark=one.start_mark)
            seen.add(id(one))
            for child in one.value:
                waiting.extend(child if isinstance(child, tuple) else (child,))


def _note_lines(node: yaml.Node, place: Place, lines: dict[Place, int]) -> None:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            lines[inner] = key.start_mark.line + 1
            _note_lines(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*place, index), lines)


def _toml(name: str, text: str) -> Document:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise ProfileError(f"{name}:{found[1] if found else 1}: no TOML: {error}") from error
    document = Document(name, content)
    place: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            place = _table(header[2], array=header[1] == "[[", counts=counts)
            document.lines.setdefault(place, number)
        elif key := _KEY.match(line):
            document.lines.setdefault((*place, *_parts(key[1])), number)
    return document


def _table(name: str, *, array: bool, counts: dict[Place, int]) -> Place:
    place: Place = ()
    parts = _parts(name)
    for depth, part in enumerate(parts):
        place = (*place, part)
        if array and depth == len(parts) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]
