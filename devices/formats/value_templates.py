"""Templates of Home Assistant that are plain paths. Source: home-assistant.io, templating in the MQTT integrations."""

from __future__ import annotations

import re

_PATH = re.compile(
    r"""^value_json((?:\.[A-Za-z_]\w*|\[\s*(?:'[^']+'|"[^"]+"|\d+)\s*\])+)(?:\s*\|\s*(.*))?$""", re.ASCII | re.DOTALL
)
_STEP = re.compile(r"""\.([A-Za-z_]\w*)|\[\s*(?:'([^']+)'|"([^"]+)"|(\d+))\s*\]""", re.ASCII)
_HARMLESS = re.compile(
    r"^(?:\s*(?:\|\s*)?(?:float|int|round|default|string|is_defined)\s*(?:\([^()]*\))?\s*)+$", re.ASCII
)


def template_path(template: object) -> tuple[str | None, bool]:
    """Read a template as a dotted path into the payload.

    Returns:
        The path (None for the whole payload) and whether the template is so simple; a filter that only converts is.
    """
    if template is None:
        return None, True
    inner = str(template).strip()
    if not (inner.startswith("{{") and inner.endswith("}}")) or len(inner) > 500:  # noqa: PLR2004 - of a plain path
        return None, False
    inner = inner[2:-2].strip()
    if inner == "value" or (inner.startswith(("value ", "value|")) and _HARMLESS.match(inner[5:])):
        return None, True
    match = _PATH.match(inner)
    if match is None or (match[2] and not _HARMLESS.match(match[2])):
        return None, False
    steps = [next(part for part in step if part) for step in _STEP.findall(match[1])]
    return ".".join(steps), True
