"""JSON lines: one object a line, flat, nested, or a reading as devices send it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from producer.recordings.names import printable
from producer.recordings.rows import BadRow, Cell, Row
from producer.recordings.text_file import is_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_DEPTH = 6
_ENVELOPE = frozenset({"seq", "schema", "clock", "run", "units"})


def json_rows(lines: Iterable[str]) -> Iterator[Row | BadRow]:
    """One row a line that is not empty; a line that is no JSON object is a bad one."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _row(number, line)


def _row(number: int, line: str) -> Row | BadRow:
    if not is_text(line):
        return BadRow(number, "bytes that are not text")
    try:
        fields = json.loads(line, parse_constant=lambda _: None)
    except RecursionError:
        return BadRow(number, "nested too deeply")
    except ValueError as error:  # JSONDecodeError, and an integer of too many digits
        return BadRow(number, f"not JSON: {error}")
    if not isinstance(fields, dict):
        return BadRow(number, "not a JSON object")
    return _reading(number, fields) if isinstance(fields.get("values"), dict) else Row(number, _flat(fields))


def _reading(number: int, fields: dict[str, Any]) -> Row:
    values: dict[str, Any] = fields.pop("values")
    units = fields.get("units")
    envelope = {name: value for name, value in fields.items() if name not in _ENVELOPE}
    told = units if isinstance(units, dict) and all(isinstance(unit, str) for unit in units.values()) else None
    return Row(number, {**_flat(values), **_flat(envelope)}, told, native=True)


def _flat(fields: dict[str, Any], prefix: str = "", depth: int = 1) -> dict[str, Cell]:
    """Names of nested objects are joined by dots; lists are no cells."""
    flat: dict[str, Cell] = {}
    for name, value in fields.items():
        path = printable(prefix + name)
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            flat.update(_flat(value, f"{path}.", depth + 1))
        elif path and (value is None or isinstance(value, (str, int, float))):
            flat[path] = value
    return flat
