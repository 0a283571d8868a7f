"""Opens the alert database to read it, and finds it by the names people give it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.database import open_engine
from storage.errors import DatabaseUrlError, StorageError
from tocsin.terminal import CommandError, errors

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO_DATABASE = Path("data/demo/alerts.db")
_SQLITE = "sqlite:///"


@contextmanager
def reading(url: str) -> Iterator[Any]:  # an engine, whose package belongs to storage
    """Open the database for reading alone, for the time of a block.

    Raises:
        CommandError: it is not there, or cannot be read.
    """
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        raise _missing(file)
    try:
        engine = open_engine(url, read_only=True)
    except DatabaseUrlError as error:
        raise CommandError(str(error), "--database takes a file or a URL", code=2) from error
    try:
        yield engine
    except StorageError as error:
        raise CommandError(str(error)) from error
    except Exception as error:
        words = database_words(error)
        if words is None:
            raise
        raise CommandError(f"cannot read {file or url_shown(url)}: {words}", "`tocsin doctor` looks into it") from error
    finally:
        engine.dispose()


def database_url(given: str) -> str:
    """Turn a file's name into a URL; a URL stays."""
    return given if "://" in given else f"{_SQLITE}{given}"


def named_database(given: str | None) -> str | None:
    """Return the URL of a database that a command was given, None if it was given none."""
    return database_url(given) if given else None


def asked_database(given: str | None) -> str:
    """Return the URL of the database that a command shall read: as given, else by the settings.

    Where there was nothing but a demo so far, it is the demo's.

    Raises:
        CommandError: a setting is wrong.
    """
    from tocsin.command_settings import CommandSettings, command_settings  # noqa: PLC0415 - only where nothing is given

    if given:
        return database_url(given)
    url = command_settings().database_url
    file = sqlite_file(url)
    if url == CommandSettings().database_url and file is not None and not file.exists() and DEMO_DATABASE.is_file():
        errors().print(f"No alerts in {file} yet; these are the demo's, in {DEMO_DATABASE}.", style="dim")
        return database_url(str(DEMO_DATABASE))
    return url


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite URL, None for another database."""
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def url_shown(url: str) -> str:
    """Write a database URL without its password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def database_words(error: Exception) -> str | None:
    """Return what the database itself says in an exception of its driver's, None for another exception."""
    original = getattr(error, "orig", None)
    return None if original is None else str(original)


def _missing(file: Path) -> CommandError:
    remedies = ["the explainer makes it when it starts: `tocsin demo`, or `make up`", "elsewhere? --database FILE"]
    if DEMO_DATABASE.is_file() and file.resolve() != DEMO_DATABASE.resolve():
        remedies.insert(0, f"a demo's is here: --database {DEMO_DATABASE}")
    return CommandError(f"no alert database at {file}", *remedies)
