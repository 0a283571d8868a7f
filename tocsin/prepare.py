"""What must exist before the containers start: directories, accounts and `.env`. Needs nothing but Python.

The services run as the person who starts them, so that the database is theirs to read. Root is no service's user: the
directories then go to the account behind sudo, or to one without a name.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.errors import TopicError
from contracts.topics import Topics
from tocsin.accounts import AccountError, Accounts
from tocsin.compose_settings import DOTENV, read_dotenv, setting
from tocsin.private_files import make_private_directory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMELESS = 10_001
DATA_DIRECTORIES = ("detector", "mosquitto")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom the services run as."""

    uid: int
    gid: int


def service_owner(environ: Mapping[str, str]) -> Owner:
    """Say whom the services run as: the caller, or for root the account behind sudo, or one without a name."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        uid = int(environ.get("SUDO_UID", "0")) or _NAMELESS
        gid = int(environ.get("SUDO_GID", "0")) or _NAMELESS
    return Owner(uid, gid)


def prepare(data: Path, secrets: Path, topics: Topics, owner: Owner) -> None:
    """Make the directories and accounts that the compose file mounts; what exists stays as it is.

    Raises:
        AccountError: a password file cannot be used.
        OSError: a directory cannot be made.
    """
    for directory, mode in ((data, 0o755), (secrets, 0o700)):
        make_private_directory(directory, mode)
        _give(directory, owner)
    for name in DATA_DIRECTORIES:
        make_private_directory(data / name)
        _give(data / name, owner)
    Accounts(secrets, topics).init()


def note_owner(dotenv: Path, owner: Owner) -> None:
    """Write into `.env` whom the services run as, unless it says so."""
    if "TOCSIN_UID" in read_dotenv(dotenv):
        return
    with dotenv.open("a", encoding="utf-8") as stream:
        stream.write(f"# Whom the services run as.\nTOCSIN_UID={owner.uid}\nTOCSIN_GID={owner.gid}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve `python -m tocsin.prepare`; return the exit code."""
    argparse.ArgumentParser(prog="python -m tocsin.prepare", description=__doc__).parse_args(arguments)
    owner = service_owner(os.environ)
    known = read_dotenv(DOTENV)
    if "TOCSIN_UID" in known:
        owner = Owner(int(known["TOCSIN_UID"]), int(known.get("TOCSIN_GID", known["TOCSIN_UID"])))
    data = Path(setting("TOCSIN_DATA", "data", os.environ))
    secrets = Path(setting("TOCSIN_SECRETS", "secrets", os.environ))
    try:
        prepare(data, secrets, Topics(setting("TOCSIN_TOPIC_PREFIX", "tocsin", os.environ)), owner)
        note_owner(DOTENV, owner)
    except (AccountError, TopicError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the person at the terminal
        return 1
    return 0


def _give(directory: Path, owner: Owner) -> None:
    if os.geteuid() == 0:
        os.chown(directory, owner.uid, owner.gid)


if __name__ == "__main__":
    sys.exit(main())
