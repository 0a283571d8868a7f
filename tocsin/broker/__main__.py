"""`python -m tocsin.broker`: the accounts, for those who have nothing but Python; else there is `tocsin device`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.errors import TopicError
from contracts.topics import Topics
from tocsin.broker.accounts import AccountError, Accounts
from tocsin.broker.acl import ACCOUNTS, device_account
from tocsin.compose_settings import device_door, setting

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve `python -m tocsin.broker`; return the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        accounts = Accounts(asked.secrets, Topics(asked.prefix))
        print(_answer(accounts, asked))  # noqa: T201 - the person at the terminal
    except (AccountError, TopicError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _answer(accounts: Accounts, asked: argparse.Namespace) -> str:
    if asked.command == "init":
        accounts.init()
        return f"accounts in {accounts.directory}: {', '.join(ACCOUNTS)}"
    if asked.command == "grant-foreign":
        accounts.grant_foreign(asked.filters)
        return f"the detector may read {', '.join(asked.filters) or 'no foreign topics'}"
    if asked.command == "add-device":
        if asked.topic:
            accounts.use_topics(asked.name, asked.topic)
        return accounts.add_device(asked.name).described(device_door(os.environ))
    if asked.command == "remove-device":
        accounts.remove_device(asked.name)
        return f"{asked.name} has no account any more"
    return "\n".join((*ACCOUNTS, *(device_account(device) for device in accounts.devices())))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tocsin.broker", description="Accounts on the broker.")
    secrets = Path(setting("TOCSIN_SECRETS", "secrets", os.environ))
    parser.add_argument("--secrets", type=Path, default=secrets, help="directory of the passwords (%(default)s)")
    prefix = setting("TOCSIN_TOPIC_PREFIX", "tocsin", os.environ)
    parser.add_argument("--prefix", default=prefix, help="first level(s) of our topics (%(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init", help="make the accounts of the stages and write the broker's files")
    commands.add_parser("list", help="name all accounts")
    for name, what in (("add-device", "make an account for a device"), ("remove-device", "take it away")):
        command = commands.add_parser(name, help=what)
        command.add_argument("name", help="the device, as in its topic")
        if name == "add-device":
            command.add_argument("--topic", action="append", help="foreign topics it uses, too, e.g. zigbee2mqtt/#")
    grant = commands.add_parser("grant-foreign", help="let the detector read topics of foreign devices")
    grant.add_argument("filters", nargs="*", help="all of them, e.g. zigbee2mqtt/#")
    return parser


if __name__ == "__main__":
    sys.exit(main())
