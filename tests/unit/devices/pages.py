"""Writes the docs' page of each format from the tested messages: `python -m tests.unit.devices.pages`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.unit.devices.samples_on_file import all_samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.devices.samples_on_file import Samples

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "devices"
_SHOWN = (
    "kind",
    "device",
    "metrics",
    "timestamp",
    "online",
    "units",
    "labels",
    "counters",
    "null_metrics",
    "bad_quality",
)
_HEAD = """# The languages of devices

What Tocsin reads without a setting. Each page shows messages and what becomes of them; all of them are tested. How to
listen to such devices: [Plug in your devices](../devices.md).

| page | messages on |
|---|---|
"""


def pages() -> dict[str, str]:
    """Return the text of each page by its file's name."""
    samples = all_samples()
    index = _HEAD + "".join(f"| [{one.title}]({one.name}.md) | `{one.messages[0]['topic']}` |\n" for one in samples)
    return {"README.md": index, **{f"{one.name}.md": "".join(_page(one)) for one in samples}}


def _page(samples: Samples) -> Iterator[str]:
    yield f"# {samples.title}\n\n{samples.about}\n\nSource: {samples.source}. This page is written from the tests.\n"
    for message in samples.messages:
        yield f"\n## {message['says']}\n\n    {message['topic']}\n"
        payload = message.get("payload_b64") or message["payload"]
        if payload:
            note = " (base64)" if "payload_b64" in message else ""
            yield f"    {' '.join(payload.splitlines())}{note}\n"
        yield f"\n{_meaning(message['means'])}\n"


def _meaning(means: dict[str, Any]) -> str:
    if means["kind"] in {"ignore", "dead_letter"}:
        words = "is left out" if means["kind"] == "ignore" else "cannot be read"
        return f"This {words}: {means.get('reason', '')}."
    if "discovers" in means:
        return "This announces " + "; ".join(_announced(one) for one in means["discovers"]) + "."
    shown = [_reading(one) for one in means.get("readings", [means])]
    warning = f"\n\nNote: {means['warning']}." if "warning" in means else ""
    return "\n".join(f"    {line}" for line in shown) + warning


def _announced(one: dict[str, Any]) -> str:
    where = f"`{one['path']}` of " if one["path"] else ""
    unit = f" in {one['unit']}" if one["unit"] else ""
    return f"{one['device_class'] or 'a value'}{unit}, {where}`{one['state_topic']}`"


def _reading(one: dict[str, Any]) -> str:
    kept = {key: one[key] for key in _SHOWN if one.get(key) not in (None, {}, [])}
    return json.dumps(kept, ensure_ascii=False)


def write_all() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_all()
