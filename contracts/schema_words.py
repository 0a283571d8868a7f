"""JSON Schemas as tables that people read."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]


def fields_table(schema: Schema) -> str:
    """Write the fields of an object as a Markdown table; one that is not required may be left out or null."""
    required = set(schema.get("required", ()))
    lines = ["| field | needed | type |", "|---|---|---|"]
    for name, field in schema.get("properties", {}).items():
        lines.append(f"| `{name}` | {'yes' if name in required else ''} | {type_words(field)} |")
    return "\n".join(lines)


def type_words(schema: Schema) -> str:
    """Say a type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(type_words(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    return _plain(schema)


def _plain(schema: Schema) -> str:
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {type_words(schema['items'])}" if schema.get("items") else "list"
    if kind == "object":
        of = schema.get("additionalProperties")
        return f"object, each value {type_words(of)}" if isinstance(of, dict) and of else "object"
    if kind == "string" and "format" in schema:
        return {"date-time": "time", "byte": "base64"}.get(schema["format"], str(schema["format"]))
    if kind == "string" and "pattern" in schema:
        return f"text like `{schema['pattern']}`".replace("|", "\\|")
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return words.get(kind, str(kind))


def objects_in(schemas: Mapping[str, Schema]) -> str:
    """Write every schema, each under a heading."""
    parts = []
    for name in sorted(schemas):
        schema = schemas[name]
        words = cleandoc(str(schema.get("description", "")))
        body = fields_table(schema) if schema.get("properties") else type_words(schema)
        parts.append(f"### {name}\n\n{words}\n\n{body}\n" if words else f"### {name}\n\n{body}\n")
    return "\n".join(parts)
