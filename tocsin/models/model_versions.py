"""Shows the models of the devices."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from contracts.codec import decode
from contracts.errors import DecodeError
from contracts.service import DeviceStatus
from contracts.topics import Topics
from tocsin.broker.listening import visiting
from tocsin.models.ordering import FITS_S, order
from tocsin.terminal import CommandError, errors, output, printable
from tocsin.time_words import day_and_clock, moment

if TYPE_CHECKING:
    from contracts.service import Answer
    from tocsin.command_settings import CommandSettings

_KEPT_S = 1.0  # after which the broker has told all that it keeps


def show_devices(settings: CommandSettings, *, as_json: bool) -> None:
    """Print every device with the model that judges it.

    Raises:
        CommandError: the broker cannot be reached.
    """
    topics = Topics(settings.topic_prefix)
    known: dict[str, DeviceStatus] = {}
    with visiting(settings.connection, (topics.every("devices"),)) as bus:
        quiet_at = time.monotonic() + _KEPT_S
        while time.monotonic() < quiet_at:
            messages = bus.receive(1000, 0.1)
            bus.ack(messages)
            for message in messages:
                _note(message.payload, known)
            if messages:
                quiet_at = time.monotonic() + _KEPT_S
    if as_json:
        for status in sorted(known.values(), key=lambda one: one.device):
            output().print_json(data=_plain(status))
    elif not known:
        errors().print("No device is known yet.")
    else:
        output().print(_device_table(known))


def show_versions(settings: CommandSettings, device: str, *, as_json: bool) -> None:
    """Print the kept versions of one device's model.

    Raises:
        CommandError: the detector cannot be reached, or does not know the device.
    """
    _print(order(settings, "models", device), as_json=as_json)


def retrain(settings: CommandSettings, device: str, since: str | None, *, as_json: bool) -> None:
    """Have a device's model fitted anew, and print its versions.

    Raises:
        CommandError: it cannot be done; the words say why.
    """
    try:
        arguments = {} if since is None else {"since": moment(since, datetime.now(UTC)).isoformat()}
    except ValueError as error:
        raise CommandError(f"--since {error}", code=2) from error
    with errors().status("the detector fits a model"):
        answer = order(settings, "retrain", device, arguments, FITS_S)
    _print(answer, as_json=as_json)


def roll_back(settings: CommandSettings, device: str, version: int | None, *, as_json: bool) -> None:
    """Have a device judged by an earlier version, and print its versions.

    Raises:
        CommandError: it cannot be done; the words say why.
    """
    answer = order(settings, "rollback", device, {} if version is None else {"version": version})
    _print(answer, as_json=as_json)


def adopt(settings: CommandSettings, device: str, *, as_json: bool) -> None:
    """Have a device judged by the model that was trained for it, and print its versions.

    Raises:
        CommandError: it cannot be done; the words say why.
    """
    _print(order(settings, "adopt", device), as_json=as_json)


def _note(payload: bytes, known: dict[str, DeviceStatus]) -> None:
    try:
        status = decode(payload, DeviceStatus)
    except DecodeError:  # said by somebody else
        return
    known[status.device] = status


def _plain(status: DeviceStatus) -> dict[str, Any]:
    model = status.model
    return {
        "device": status.device,
        "state": status.state,
        "version": None if model is None else model.version,
        "backend": None if model is None else model.backend,
        "scope": None if model is None else model.scope,
    }


def _device_table(known: dict[str, DeviceStatus]) -> Table:
    table = _empty("device", "state", "version", "backend", "model of")
    for name in sorted(known):
        status = known[name]
        model = status.model
        state = f"learning {status.learned} of {status.needed}" if status.state == "learning" else status.state
        words = ("none", "", "") if model is None else (str(model.version), model.backend, model.scope)
        table.add_row(*(Text(printable(word)) for word in (name, state, *words)))
    return table


def _print(answer: Answer, *, as_json: bool) -> None:
    result = answer.result or {}
    if as_json:
        output().print_json(data={"device": answer.device, **result})
        return
    versions = result.get("versions", [])
    if not versions:
        errors().print(f"{printable(str(answer.device))} has no model yet.")
        return
    output().print(_version_table(versions))
    if result.get("pinned"):
        errors().print(f"It stays so until somebody asks for another: tocsin retrain {answer.device}", style="dim")


def _version_table(versions: list[dict[str, Any]]) -> Table:
    table = _empty("", "version", "fitted", "rows", "learned from", "metrics", "backend", "why")
    for one in versions:
        fitted = day_and_clock(datetime.fromisoformat(one["fitted_at"]))
        numbers = (f"{one['rows']:,}", f"{one['learned']:,}", str(one["metrics"]))
        why = one["reason"] if one["intact"] else f"{one['reason']}; the file is damaged"
        table.add_row("→" if one["active"] else "", str(one["version"]), fitted, *numbers, one["backend"], Text(why))
    return table


def _empty(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD if output().is_terminal else None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table
