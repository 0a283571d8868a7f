"""Passwords and their hashes, in the format of mosquitto's password file."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from hashlib import pbkdf2_hmac

# Letters and digits that are not mistaken for each other: a password is typed into devices by hand.
_ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 24  # 139 bits, so the number of rounds hardly matters
_ROUNDS = 1000
_SALT_BYTES = 12
_KIND = "7"  # mosquitto's name for PBKDF2 with SHA-512


def new_password() -> str:
    """Draw a password of 24 letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def hashed(password: str) -> str:
    """Hash a password as `mosquitto_passwd` does: `$7$<rounds>$<salt>$<hash>`, salt and hash in base64."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return "$".join(("", _KIND, str(_ROUNDS), _text(salt), _text(_digest(password, salt, _ROUNDS))))


def matches(password: str, written: str) -> bool:
    """Tell whether a hash in mosquitto's format is that of the password."""
    try:
        _, kind, rounds, salt, digest = written.split("$")
        found = _digest(password, b64decode(salt, validate=True), int(rounds))
        return kind == _KIND and hmac.compare_digest(found, b64decode(digest, validate=True))
    except ValueError:
        return False


def _digest(password: str, salt: bytes, rounds: int) -> bytes:
    return pbkdf2_hmac("sha512", password.encode(), salt, rounds)


def _text(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
