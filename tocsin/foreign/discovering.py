"""Listens to a broker for a while and says which devices speak there."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from rich.live import Live

from tocsin.broker.listening import visiting
from tocsin.foreign.profile_guess import guessed_profiles
from tocsin.foreign.survey import Survey
from tocsin.foreign.survey_screen import survey_table, survey_words
from tocsin.stop_signals import stopping_by_signal
from tocsin.terminal import CommandError, errors, output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from devices.recognizer import Recognizer
    from runtime.mqtt.connection import BrokerConnection

_TURN_S = 0.2
_DRAW_EVERY_S = 0.5


def discover(connection: BrokerConnection, recognizer: Recognizer, filters: Sequence[str], seconds: float) -> Survey:
    """Listen for `seconds`, or until Ctrl-C; on a terminal, a table grows meanwhile. Nothing is published.

    Raises:
        CommandError: there is no broker, or it does not let us in.
    """
    survey = Survey(recognizer)
    console = errors()
    live = Live(console=console, transient=True, auto_refresh=False) if console.is_terminal else None
    with stopping_by_signal() as stop, visiting(connection, filters) as bus, live or nullcontext():
        if live is None:
            console.print(f"Listening on {connection.address} for {seconds:.0f} s; Ctrl-C ends it.")
        end = time.monotonic() + seconds
        drawn = 0.0
        while not stop.asked and (now := time.monotonic()) < end:
            messages = bus.receive(500, min(_TURN_S, end - now))
            for message in messages:
                survey.take(message)
            bus.ack(messages)
            if live is not None and now - drawn >= _DRAW_EVERY_S:
                drawn = now
                live.update(survey_table(survey, console.height - 4, left=end - now), refresh=True)
    return survey


def show_survey(survey: Survey, *, as_json: bool) -> None:
    """Print what was found."""
    console = output()
    if as_json:
        console.out(json.dumps(_survey_json(survey), ensure_ascii=False, indent=2), highlight=False)
        return
    console.print(survey_table(survey, len(survey.devices) + len(survey.problems)))
    for line in survey_words(survey):
        console.print(line)


def write_profiles(survey: Survey, path: Path, strip: tuple[str, ...]) -> None:
    """Save the guessed profile file; one that exists stays.

    Raises:
        CommandError: it exists, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(guessed_profiles(survey, strip))
    except FileExistsError as error:
        raise CommandError(f"{path} exists already", "name another file: --write other.yaml") from error
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
    errors().print(f"Saved to {path}. The detector reads data/detector/profiles.yaml, or what TOCSIN_PROFILES names.")


def _survey_json(survey: Survey) -> dict[str, Any]:
    return {
        "devices": {
            name: {
                "format": seen.language,
                "metrics": seen.metrics,
                "units": seen.units,
                "per_minute": 60.0 / seen.interval if seen.interval else None,
                "readings": seen.readings,
                "online": seen.online,
            }
            for name, seen in survey.in_order()
        },
        "unreadable": {topic: {"reason": one.reason, "count": one.count} for topic, one in survey.problems.items()},
        "filters": sorted(survey.roots),
    }
