"""Users of the page and their passwords: `python -m web.users NAME` writes a line for the file.

A line is `name:salt:hash`: scrypt (RFC 7914) with N = 2^14, r = 8, p = 1; salt and hash in hexadecimal digits.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import hmac
import secrets
import sys
from typing import TYPE_CHECKING

from web.errors import UsersFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAX_NAME = 64
_PARTS = 3
_SALT_BYTES = 16


def read_users(path: Path) -> dict[str, str]:
    """Read a file of users; empty lines and lines that begin with `#` are skipped.

    Returns:
        Name to `salt:hash`.

    Raises:
        UsersFileError: it cannot be read, holds nobody, or a line is wrong.
    """
    try:
        if path.stat().st_mode & 0o004:
            raise UsersFileError(f"{path} may be read by everybody; run: chmod o-r {path}")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsersFileError(f"cannot read {path}: {error}") from error
    users = dict(_user(path, number, line) for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#")
    if not users:
        raise UsersFileError(f"{path} holds no user; add one: python -m web.users NAME >> {path}")
    return users


def user_line(name: str, password: str) -> str:
    """Write the line of a user."""
    salt = secrets.token_hex(_SALT_BYTES)
    return f"{name}:{salt}:{_hash(password, salt)}"


def is_password(users: Mapping[str, str], name: str, password: str) -> bool:
    """Tell whether this is the user's password; an unknown name takes as long."""
    salt, _, expected = users.get(name, "00:00").partition(":")
    return hmac.compare_digest(_hash(password, salt), expected)


def _user(path: Path, number: int, line: str) -> tuple[str, str]:
    parts = line.strip().split(":")
    if len(parts) != _PARTS or not parts[0] or len(parts[0]) > MAX_NAME or not all(parts):
        raise UsersFileError(f"{path}, line {number}: expected name:salt:hash, as python -m web.users writes it")
    return parts[0], f"{parts[1]}:{parts[2]}"


def _hash(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32).hex()


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask for a password and print the user's line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m web.users", description="A line for the page's file of users.")
    parser.add_argument("name", help="the user's name")
    name = parser.parse_args(arguments).name
    if ":" in name or not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        print(f"name {name!a}: expected 1 to {MAX_NAME} printable characters without a colon", file=sys.stderr)  # noqa: T201 - the person at the terminal
        return 2
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        print("no password was given", file=sys.stderr)  # noqa: T201
        return 2
    print(user_line(name, password))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
