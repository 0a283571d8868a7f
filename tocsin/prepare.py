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
from tocsin.broker.accounts import AccountError, Accounts
from tocsin.broker.passwords import new_password
from tocsin.compose_settings import DOTENV, LOOPBACK_PORT, setting
from tocsin.private_files import make_private_directory, write_private

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMELESS = 10_001
DATA_DIRECTORIES = ("detector", "mosquitto", "postgres")


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
    make_private_directory(data, 0o755)
    make_private_directory(secrets)
    for name in DATA_DIRECTORIES:
        make_private_directory(data / name)
    Accounts(secrets, topics).init()
    _database_password(secrets)
    _give(data, owner)
    _give(secrets, owner)


def _database_password(secrets: Path) -> None:
    """Make the password of the database's account, for `make up-postgres`; one that exists stays."""
    file = secrets / "postgres.password"
    if not file.exists():
        write_private(file, new_password() + "\n")
    password = file.read_text(encoding="utf-8").strip()
    write_private(secrets / "postgres.pgpass", f"*:*:*:tocsin:{password}\n")


def note_owner(dotenv: Path, owner: Owner, environ: Mapping[str, str]) -> None:
    """Write into `.env` whom the services run as, unless it or the environment says so."""
    if setting("TOCSIN_UID", "", environ, dotenv):
        return
    with dotenv.open("a", encoding="utf-8") as stream:
        stream.write(f"# Whom the services run as.\nTOCSIN_UID={owner.uid}\nTOCSIN_GID={owner.gid}\n")


def hints(environ: Mapping[str, str], dotenv: Path = DOTENV) -> str:
    """Say what to try once the services run."""
    prefix = setting("TOCSIN_TOPIC_PREFIX", "tocsin", environ, dotenv)
    port = setting("TOCSIN_PORT", str(LOOPBACK_PORT), environ, dotenv)
    data = setting("TOCSIN_DATA", "data", environ, dotenv)
    hear = "mosquitto_sub -h localhost" + ("" if port == str(LOOPBACK_PORT) else f" -p {port}")
    inside = "docker compose exec mosquitto mosquitto_sub"
    page = setting("TOCSIN_WEB_PORT", "8088", environ, dotenv)
    feed = (f"sqlite3 {data}/alerts.db 'select * from alert_feed'", "all alerts so far")  # noqa: S608 - only shown
    in_file = setting("TOCSIN_DATABASE_URL", "sqlite:", environ, dotenv).startswith("sqlite:")
    lines = (
        (f"http://localhost:{page}", "the live page"),
        (f"{hear} -t '{prefix}/bell/#'", "alerts as lines a person reads"),
        (f"{hear} -t '{prefix}/alerts/#' -v", "alerts as JSON"),
        (f"{inside} -t '{prefix}/bell/#'", "without mosquitto_sub on this machine"),
        *((feed,) if in_file else ()),
        ("make device NAME=boiler", "an account for a device of yours"),
        ("make logs", "what the services say"),
        ("make down", "stop; the data stays"),
    )
    width = max(len(line) for line, _ in lines)
    said = "\n".join(f"  {line:{width}}  {what}" for line, what in lines)
    return f"\nTocsin runs. It first learns what is normal; the first alert comes within about a minute.\n\n{said}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve `python -m tocsin.prepare`; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tocsin.prepare", description=__doc__)
    parser.add_argument("--hints", action="store_true", help="only say what to try once the services run")
    if parser.parse_args(arguments).hints:
        print(hints(os.environ))  # noqa: T201 - the person at the terminal
        return 0
    owner = service_owner(os.environ)
    uid = setting("TOCSIN_UID", str(owner.uid), os.environ)
    owner = Owner(int(uid), int(setting("TOCSIN_GID", str(owner.gid), os.environ)))
    data = Path(setting("TOCSIN_DATA", "data", os.environ))
    secrets = Path(setting("TOCSIN_SECRETS", "secrets", os.environ))
    try:
        prepare(data, secrets, Topics(setting("TOCSIN_TOPIC_PREFIX", "tocsin", os.environ)), owner)
        note_owner(DOTENV, owner, os.environ)
    except (AccountError, TopicError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the person at the terminal
        return 1
    return 0


def _give(directory: Path, owner: Owner) -> None:
    """Let root give away a directory with what a run without containers may have left there."""
    if os.geteuid() == 0:
        for path in (directory, *directory.rglob("*")):
            os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


if __name__ == "__main__":
    sys.exit(main())
