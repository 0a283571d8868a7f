"""Accounts on the broker: one a stage, one a device. Needs nothing but Python, so it runs before anything is installed.

`secrets/<account>.password` holds each password and is the only place a password is read from. From these files
`secrets/broker/passwd` (hashes) and `secrets/broker/acl` are written again at every change; the broker reads them at
SIGHUP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.errors import TopicError
from contracts.topics import decode_level
from tocsin.broker.acl import ACCOUNTS, DEVICE, acl_text, checked_filter, device_account
from tocsin.broker.device_account import DeviceAccount
from tocsin.broker.passwords import hashed, matches, new_password
from tocsin.private_files import make_private_directory, write_private

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from contracts.topics import Topics

_SUFFIX = ".password"
_FOREIGN = "foreign.topics"  # filters that the detector may read
_SAID = "foreign.said"  # filters on which it may speak to devices
_LONGEST_ACCOUNT = 200  # bytes; a file's name has at most 255


class AccountError(Exception):
    """An account cannot be made or read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of one installation.

    Attributes:
        directory: where the passwords are, usually `secrets/`.
        topics: the topics that the accounts may use.
    """

    directory: Path
    topics: Topics

    @property
    def bridges(self) -> Path:
        """The directory of bridges to other brokers."""
        return self.directory / "broker" / "bridges"

    def init(self) -> None:
        """Make every account that is missing and write the broker's files; passwords that exist stay.

        Raises:
            AccountError: a password file is empty or cannot be read.
        """
        for name in ACCOUNTS:
            self._ensure_password(name)
        self._write_broker_files()

    def add_device(self, device: str) -> DeviceAccount:
        """Make a device's account, or read the one it has.

        Raises:
            AccountError: this is no name for a device.
        """
        account = _checked_account(device)
        self._ensure_password(account)
        self.init()
        return DeviceAccount(device, account, self.password(account), self.topics.readings(device))

    def use_topics(self, device: str, filters: Iterable[str]) -> None:
        """Let a device's account use foreign topics, such as those of the gateway that it is.

        Raises:
            AccountError: one is no topic filter.
        """
        self._write_filters(self._topics_file(_checked_account(device)), filters)

    def grant_foreign(self, filters: Iterable[str], says: Iterable[str] = ()) -> None:
        """Let the detector and the operator read foreign topics, and the detector speak on `says`; no others.

        Raises:
            AccountError: one is no topic filter.
        """
        self._write_filters(self.directory / _SAID, says)
        self._write_filters(self.directory / _FOREIGN, filters)

    def _write_filters(self, file: Path, filters: Iterable[str]) -> None:
        try:
            lines = [checked_filter(one) + "\n" for one in filters]
        except TopicError as error:
            raise AccountError(str(error)) from error
        write_private(file, "".join(lines))
        self.init()

    def _topics_file(self, account: str) -> Path:
        return self.directory / f"{account}.topics"

    def remove_device(self, device: str) -> None:
        """Take a device's account away.

        Raises:
            AccountError: there is none.
        """
        try:
            self._password_file(_checked_account(device)).unlink()
            self._topics_file(_checked_account(device)).unlink(missing_ok=True)
        except FileNotFoundError:
            raise AccountError(f"device {device!r} has no account; those that have: {self.devices()}") from None
        self.init()

    def devices(self) -> list[str]:
        """Name the devices that have an account."""
        files = self.directory.glob(f"{DEVICE}*{_SUFFIX}")
        return sorted(decode_level(file.name.removeprefix(DEVICE).removesuffix(_SUFFIX)) for file in files)

    def password(self, account: str) -> str:
        """Read an account's password.

        Raises:
            AccountError: there is none.
        """
        file = self._password_file(account)
        try:
            password = file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise AccountError(f"cannot read {file}: {error.strerror}") from error
        if not password:
            raise AccountError(f"{file} is empty; delete it to get a new password")
        return password

    def _password_file(self, account: str) -> Path:
        return self.directory / f"{account}{_SUFFIX}"

    def _ensure_password(self, account: str) -> None:
        if not self._password_file(account).exists():
            write_private(self._password_file(account), new_password() + "\n")

    def _write_broker_files(self) -> None:
        devices = self.devices()
        names = [*ACCOUNTS, *(device_account(device) for device in devices)]
        for directory in (self.bridges.parent, self.bridges):  # the broker wants to find both
            make_private_directory(directory)
        file = self.directory / "broker" / "passwd"
        known = dict(line.split(":", 1) for line in _lines(file) if ":" in line)
        lines = [f"{name}:{_kept_or_hashed(self.password(name), known.get(name, ''))}\n" for name in names]
        write_private(file, "".join(lines))
        own = {device: _lines(self._topics_file(device_account(device))) for device in devices}
        foreign = _lines(self.directory / _FOREIGN)
        said = _lines(self.directory / _SAID)
        write_private(file.with_name("acl"), acl_text(self.topics, devices, foreign, own, said))


def _checked_account(device: str) -> str:
    try:
        account = device_account(device)
    except TopicError as error:
        raise AccountError(str(error)) from error
    if len(account.encode()) > _LONGEST_ACCOUNT:
        raise AccountError(f"device {device!r}: expected a name of at most {_LONGEST_ACCOUNT} bytes when encoded")
    return account


def _kept_or_hashed(password: str, known: str) -> str:
    return known if matches(password, known) else hashed(password)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
