"""The AsyncAPI document as a page that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.schema_words import objects_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.asyncapi import Channel

_HEAD = """\
# Topics and messages

Generated from the code by `make docs`; for programs the same stands in [asyncapi.json](asyncapi.json) (AsyncAPI 3). All
topics stand under one prefix, here the default `tocsin`. Payloads are UTF-8 JSON, times RFC 3339 in UTC.

## Topics

| topic | from → to | QoS | kept | message |
|---|---|---|---|---|
"""


def page(document: dict[str, Any], channels: Iterable[Channel]) -> str:
    """Write the page."""
    rows = "".join(_row(channel) for channel in channels)
    return f"{_HEAD}{rows}\n## Messages\n\n{objects_in(document['components']['schemas'])}"


def _row(channel: Channel) -> str:
    name = channel.message.__name__ if channel.message is not None else ""
    message = f"[{name}](#{name.lower()}): {channel.what}" if name else channel.what
    kept = "yes" if channel.retained else ""
    topic = f"tocsin/{channel.levels}"
    return f"| `{topic}` | {channel.says} → {channel.hears} | {channel.qos} | {kept} | {message} |\n"
