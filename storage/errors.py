"""What can be wrong with the alert database."""


class StorageError(Exception):
    """Base of this package's errors."""


class DatabaseUrlError(StorageError, ValueError):
    """The database URL cannot be used; a wrong setting, too, as pydantic sees it."""


class DamagedError(StorageError):
    """The integrity check of the database found damage."""


class UnavailableError(StorageError):
    """The database cannot be used now: locked, full, read-only or out of reach; the same may succeed later."""


class UnknownIncidentError(StorageError):
    """No alert is stored for an incident."""


class BadCursorError(StorageError):
    """A cursor is none that a page gave."""


class ImportLineError(StorageError):
    """A line is none of an export, or holds what no alert book could."""


class BackupError(StorageError):
    """A copy of the database could not be made, or is not sound."""
