"""A PostgreSQL of the tests' own: Debian's binaries, in a temporary directory, reached by a socket there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOBODY = 65_534
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=40")


def postgres_folder() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program else None


class PostgresServer:
    """A server without a network port; root runs it as nobody, because it refuses to run as root.

    Args:
        programs: folder of `initdb` and `pg_ctl`.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path()
        self._databases = 0

    def start(self) -> None:
        """Make a cluster and start it."""
        self._folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-", dir="/tmp"))
        if os.geteuid() == 0:
            os.chown(self._folder, _NOBODY, _NOBODY)
        self._run(
            "initdb", "--pgdata", str(self._cluster), "--auth=trust", "--username=tocsin", "--no-sync", "-E", "UTF8"
        )
        options = " ".join(
            f"-c {one}" for one in (*_FAST, "listen_addresses=", f"unix_socket_directories={self._folder}")
        )
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "--wait", "-t", "120", "-D", str(self._cluster), "-l", log, "-o", options)

    def stop(self) -> None:
        """Stop it and delete everything."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", str(self._cluster))
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self._databases += 1
        name = f"book{self._databases}"
        self._run("createdb", "--host", str(self._folder), "--username=tocsin", name)
        return f"postgresql://tocsin@/{name}?host={self._folder}"

    @property
    def _cluster(self) -> Path:
        return self._folder / "cluster"

    def _run(self, program: str, *words: str) -> None:
        user = _NOBODY if os.geteuid() == 0 else None
        command: Sequence[str] = (str(self._programs / program), *words)
        with (Path(tempfile.gettempdir()) / f"tocsin-pg-{os.getpid()}.out").open("w+") as out:
            # Not a pipe: the server that pg_ctl leaves behind would hold it open.
            done = subprocess.run(
                command,
                user=user,
                group=user,
                extra_groups=[] if user else None,
                cwd="/",
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=180,
                check=False,
            )
            out.seek(0)
            words_said = out.read()
        Path(out.name).unlink(missing_ok=True)
        if done.returncode:
            raise RuntimeError(f"{program}: {words_said}")
