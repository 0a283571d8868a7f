"""Who may do what on the broker: the matrix of accounts and topics, written as mosquitto's ACL file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.errors import TopicError
from contracts.topics import encode_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.topics import Topics

DEVICE = "device-"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one account may write and read: filters below the prefix, or whole ones that start with `$` or `/`."""

    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


ANONYMOUS = Grant(reads=("alerts/#", "bell/#", "digest"))
# A message is delivered only to those who may read it; a denied subscription is granted and stays silent.
ACCOUNTS: Mapping[str, Grant] = {
    "producer": Grant(
        writes=("readings/#", "truth/#", "services/producer/#"),
        reads=("services/detector/#",),
    ),
    "detector": Grant(
        writes=("anomalies/#", "scores/#", "devices/#", "deadletters/detector", "services/detector/#"),
        reads=("readings/#", "receipts/detector", "services/explainer/#", "feedback/#", "commands/detector"),
    ),
    "explainer": Grant(
        writes=("alerts/#", "bell/#", "digest", "receipts/#", "deadletters/explainer", "services/explainer/#"),
        reads=("anomalies/#", "feedback/#", "deadletters/#", "commands/explainer"),
    ),
    "web": Grant(
        writes=("feedback/#", "commands/#"),
        reads=("alerts/#", "scores/#", "devices/#", "services/#"),
    ),
    # Announces our devices to Home Assistant.
    "home-assistant": Grant(
        writes=("/homeassistant/device/tocsin/+/config",),
        reads=("devices/#", "/homeassistant/+/+/config", "/homeassistant/+/+/+/config", "/homeassistant/status"),
    ),
    # The operator replays recorded files, which may hold labels, and watches the broker's own counters.
    "operator": Grant(
        writes=("feedback/#", "commands/#", "readings/#", "truth/#"),
        reads=("#", "$SYS/broker/#"),
    ),
}

LISTENERS = frozenset({"detector", "operator"})  # of foreign topics


def checked_filter(text: str) -> str:
    """Return a foreign topic filter, or refuse it.

    Raises:
        TopicError: it is empty, takes in the whole broker, or is no filter.
    """
    levels = text.split("/")
    wild = "#" in levels[:-1] or any(len(level) > 1 and set(level) & set("+#") for level in levels)
    if not text.isprintable() or text != text.strip() or not text or wild:
        raise TopicError(f"topic filter {text!r}: expected one such as 'zigbee2mqtt/#'")
    if set(levels) <= {"+", "#"}:
        raise TopicError(f"topic filter {text!r} takes in the whole broker; name what is meant, e.g. 'zigbee2mqtt/#'")
    return text


def device_account(device: str) -> str:
    """Name the account of a device.

    Raises:
        TopicError: this is no name for a device.
    """
    return DEVICE + encode_level(device)


def acl_text(
    topics: Topics,
    devices: Iterable[str],
    foreign: Iterable[str] = (),
    own: Mapping[str, Iterable[str]] | None = None,
    says: Iterable[str] = (),
) -> str:
    """Write the ACL file: those without an account first, then every account of ours, then one a device.

    Args:
        topics: ours.
        devices: that have an account.
        foreign: topic filters of foreign devices; the detector and the operator may read them.
        says: topic filters on which the detector may speak to foreign devices.
        own: by device, the foreign topics that it uses beside its readings: a gateway's own, with its orders.
    """
    reads = "".join(f"topic read {one}\n" for one in foreign)
    blocks = [_block(topics, None, ANONYMOUS)]
    for name, grant in ACCOUNTS.items():
        writes = "".join(f"topic write {one}\n" for one in says) if name == "detector" else ""
        blocks.append(_block(topics, name, grant) + (reads if name in LISTENERS else "") + writes)
    for device in sorted(devices):
        more = "".join(f"topic readwrite {one}\n" for one in (own or {}).get(device, ()))
        blocks.append(f"user {device_account(device)}\ntopic write {topics.readings(device)}\n{more}")
    return "# Written by python -m tocsin.broker; changes are lost.\n" + "\n".join(blocks)


def _block(topics: Topics, account: str | None, grant: Grant) -> str:
    lines = [] if account is None else [f"user {account}"]
    lines += [f"topic write {_below(topics, each)}" for each in grant.writes]
    lines += [f"topic read {_below(topics, each)}" for each in grant.reads]
    return "\n".join(lines) + "\n"


def _below(topics: Topics, topic_filter: str) -> str:
    if topic_filter.startswith("/"):
        return topic_filter[1:]
    return topic_filter if topic_filter.startswith("$") else f"{topics.prefix}/{topic_filter}"
