"""What to try while the demo runs, and after it."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.book.alert_database import DEMO_DATABASE
from tocsin.demo.ports import USUAL_PORT

if TYPE_CHECKING:
    from tocsin.demo.folder import DemoFolder
    from tocsin.demo.wish import Wish

_READING = '{"temperature": 21.5}'


def while_running(port: int, folder: DemoFolder) -> list[str]:
    """Commands for another terminal."""
    command, usual = own_command(), port == USUAL_PORT
    at = "" if usual else f" -p {port}"
    ours = "" if usual else f" --port {port}"
    return [
        f"{command} watch --alerts{ours}",
        _with_remark(f"mosquitto_sub{at} -t 'tocsin/alerts/#' -v"),
        _with_remark(f"mosquitto_pub{at} -t tocsin/readings/boiler -m {shlex.quote(_READING)}"),
        f"{command} doctor{ours} --database {_quoted(folder.database)} --state-dir {_quoted(folder.detector)}",
    ]


def afterwards(folder: DemoFolder, wish: Wish) -> list[str]:
    """Commands for what the demo leaves behind."""
    command, database = own_command(), _quoted(folder.database)
    return [
        f"{command} alerts --database {database}",
        _with_remark(f"sqlite3 {database} 'select * from alert_feed'"),  # noqa: S608 - text for a person
        f"{command} {_again(folder, wish)}      goes on with what was learned",
    ]


def own_command() -> str:
    """Write how this command was called, so that the hints can be copied."""
    called = Path(sys.argv[0])
    found = shutil.which("tocsin")
    if called.name != "tocsin" or (found is not None and Path(found).resolve() == called.resolve()):
        return "tocsin"
    try:
        called = called.resolve().relative_to(Path.cwd())
    except ValueError:
        called = called.absolute()
    return shlex.quote(str(called))


def _again(folder: DemoFolder, wish: Wish) -> str:
    """Write the demo's own command line, going on."""
    options: list[tuple[str, object]] = [("--scenario", wish.scenario if wish.scenario != "factory" else None)]
    options += [("--port", wish.port), ("--broker", wish.broker)]
    options += [("--data-dir", folder.path if folder.path != DEMO_DATABASE.parent else None)]
    given = [word for option, value in options if value is not None for word in (option, str(value))]
    return shlex.join(["demo", "--keep", *given])


def _with_remark(command: str) -> str:
    """Say where a program comes from that is not installed here."""
    program = command.split(maxsplit=1)[0]
    package = "sqlite3" if program == "sqlite3" else "mosquitto-clients"
    return command if shutil.which(program) else f"{command}  # {program}: sudo apt install {package}"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
