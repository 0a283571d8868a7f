"""Who may do what on the broker: the matrix of accounts and topics, written as mosquitto's ACL file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.topics import encode_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.topics import Topics

DEVICE = "device-"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one account may write and read: filters below the prefix, or whole ones that start with `$`."""

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
    # The operator replays recorded files, which may hold labels, and watches the broker's own counters.
    "operator": Grant(
        writes=("feedback/#", "commands/#", "readings/#", "truth/#"),
        reads=("#", "$SYS/broker/#"),
    ),
}


def device_account(device: str) -> str:
    """Name the account of a device.

    Raises:
        TopicError: this is no name for a device.
    """
    return DEVICE + encode_level(device)


def acl_text(topics: Topics, devices: Iterable[str]) -> str:
    """Write the ACL file: those without an account first, then every account of ours, then one a device."""
    blocks = [_block(topics, None, ANONYMOUS)]
    blocks += [_block(topics, name, grant) for name, grant in ACCOUNTS.items()]
    for device in sorted(devices):
        blocks.append(f"user {device_account(device)}\ntopic write {topics.readings(device)}\n")
    return "# Written by python -m tocsin.accounts; changes are lost.\n" + "\n".join(blocks)


def _block(topics: Topics, account: str | None, grant: Grant) -> str:
    lines = [] if account is None else [f"user {account}"]
    lines += [f"topic write {_below(topics, each)}" for each in grant.writes]
    lines += [f"topic read {_below(topics, each)}" for each in grant.reads]
    return "\n".join(lines) + "\n"


def _below(topics: Topics, topic_filter: str) -> str:
    return topic_filter if topic_filter.startswith("$") else f"{topics.prefix}/{topic_filter}"
