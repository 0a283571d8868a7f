"""Files that only their owner may read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def make_private_directory(directory: Path, mode: int = 0o700) -> None:
    """Make a directory, for its owner alone, that belongs to whom its parent belongs to."""
    if not directory.is_dir():
        make_private_directory(directory.parent, 0o755)
        directory.mkdir(mode=mode, exist_ok=True)
        _give_to_owner_of(directory.parent, directory)


def write_private(file: Path, text: str) -> None:
    """Write a file at once or not at all, for its owner alone; it belongs to whom its directory belongs to."""
    make_private_directory(file.parent)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        _give_to_owner_of(file.parent, unfinished)
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _give_to_owner_of(directory: Path, path: Path) -> None:
    """Let root, who alone can, leave the file to the account that the containers run as."""
    if os.geteuid() == 0:
        owner = directory.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
