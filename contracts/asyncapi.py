"""The AsyncAPI 3 document of our topics, generated from the messages: `python -m contracts.asyncapi` writes it.

`docs/asyncapi.json` is for programs, `docs/topics.md` says the same to people. A test sees that both are up to date.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from contracts.alert import Alert
from contracts.anomaly import Anomaly
from contracts.json_schema import as_on_the_wire
from contracts.reading import Reading, Truth
from contracts.service import (
    Answer,
    Command,
    DeadLetter,
    DeviceStatus,
    Feedback,
    Receipt,
    Score,
    ServiceStatus,
)

DIRECTORY = Path(__file__).parents[1] / "docs"
VERSION = "1"
_REF = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of topic: its levels below the prefix, what is said there, by whom and to whom."""

    name: str
    levels: str
    message: type[msgspec.Struct] | None
    says: str
    hears: str
    what: str
    qos: int = 1
    retained: bool = False


CHANNELS: tuple[Channel, ...] = (
    Channel("readings", "readings/{device}", Reading, "devices, the producer", "the detector",
            "values of a device at one moment; a flat object of numbers is enough"),
    Channel("truth", "truth/{device}", Truth, "the producer", "evaluation",
            "what was done to a reading; the detector may not read it"),
    Channel("anomalies", "anomalies/{device}", Anomaly, "the detector", "the explainer, anyone",
            "one abnormal reading, or a timer's event, with its evidence"),
    Channel("receipts", "receipts/{service}", Receipt, "the explainer", "the detector",
            "ids of anomalies that were stored or refused"),
    Channel("alerts", "alerts/{device}", Alert, "the explainer", "people, dashboards",
            "one incident as a person hears of it, again whenever it changes"),
    Channel("bell", "bell/{device}", None, "the explainer", "a terminal",
            "the alert as a few lines of text"),
    Channel("digest", "digest", None, "the explainer", "people", "the weekly digest, plain text"),
    Channel("scores", "scores/{device}", Score, "the detector", "the page, dashboards",
            "newest values with score and expected band, at most one a second", qos=0),
    Channel("devices", "devices/{device}", DeviceStatus, "the detector", "anyone",
            "what a device is doing; an empty message when it is forgotten", retained=True),
    Channel("services", "services/{service}/{instance}", ServiceStatus, "each service", "anyone",
            "birth, progress and, as its will, end of a service", retained=True),
    Channel("answers", "services/{service}/{instance}/commands", Answer, "each service", "anyone",
            "what a service says to a command or to feedback"),
    Channel("deadletters", "deadletters/{service}", DeadLetter, "each service", "the explainer",
            "a message that could not be used, and why"),
    Channel("feedback", "feedback/{incident}", Feedback, "people", "the detector, the explainer",
            "what a person says of an incident"),
    Channel("commands", "commands/{service}", Command, "an operator", "a service",
            "an order such as retrain, rollback or explain"),
)  # fmt: skip
_PARAMETERS = {
    "device": "name of the device, percent-encoded so that it holds no slash, plus, hash, blank or leading dollar",
    "service": "producer, detector, explainer",
    "instance": "name of the copy of a service, by default 1",
    "incident": "id of the incident, 32 hexadecimal digits",
}


def document() -> dict[str, Any]:
    """Make the document."""
    messages = [channel.message for channel in CHANNELS if channel.message is not None]
    _, schemas = msgspec.json.schema_components(messages, ref_template=_REF)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tocsin",
            "version": VERSION,
            "description": "Messages of Tocsin over MQTT: UTF-8 JSON, times as RFC 3339 in UTC.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}:1883",
                "protocol": "mqtt",
                "variables": {"host": {"default": "localhost"}},
            }
        },
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": {f"hear_{channel.name}": _operation(channel) for channel in CHANNELS},
        "components": {
            "messages": {channel.name: _message(channel) for channel in CHANNELS},
            "schemas": as_on_the_wire(schemas),
        },
    }


def _channel(channel: Channel) -> dict[str, Any]:
    names = [name for name in _PARAMETERS if f"{{{name}}}" in channel.levels]
    return {
        "address": f"tocsin/{channel.levels}",
        "description": f"{channel.what}. From {channel.says} to {channel.hears}.",
        "messages": {channel.name: {"$ref": f"#/components/messages/{channel.name}"}},
        "parameters": {name: {"description": _PARAMETERS[name]} for name in names},
    }


def _operation(channel: Channel) -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "bindings": {"mqtt": {"qos": channel.qos, "retain": channel.retained}},
    }


def _message(channel: Channel) -> dict[str, Any]:
    if channel.message is None:
        return {"contentType": "text/plain", "payload": {"type": "string"}}
    return {"payload": {"$ref": _REF.format(name=channel.message.__name__)}}


def text() -> str:
    """Write the document as it stands in its file."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write both files; return the exit code."""
    from contracts.asyncapi_page import page  # noqa: PLC0415 - it needs the channels of this module

    DIRECTORY.mkdir(exist_ok=True)
    (DIRECTORY / "asyncapi.json").write_text(text(), encoding="utf-8")
    (DIRECTORY / "topics.md").write_text(page(document(), CHANNELS), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
