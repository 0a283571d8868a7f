"""Puts together what stands around the alert book: outputs, rounds, and the commands that change it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from explainer.messages.announcing import Announcer
from explainer.outputs.delivery import Outputs
from explainer.outputs.notices import OutputNotifier
from explainer.outputs.senders import sender_of
from explainer.upkeep.importing import Importing
from explainer.upkeep.rounds import Habits, Rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contracts.service import Command
    from contracts.topics import Topics
    from explainer.book_settings import BookSettings
    from explainer.messages.orders import Reply
    from explainer.meters import Meters
    from storage.book import AlertBook


@dataclass(frozen=True, slots=True)
class BookSide:
    """What the service does for its book beside storing."""

    announcer: Announcer
    outputs: Outputs
    rounds: Rounds
    handlers: Mapping[str, Callable[[Command, Reply], None]]

    def start(self) -> None:
        """Begin to tell outputs."""
        self.outputs.start()

    def turn(self) -> bool:
        """Do a little of what is due; tell whether publications were queued.

        Raises:
            UnavailableError: the database cannot be used now.
        """
        published = self.rounds.turn()
        self.outputs.turn()
        return published

    def stop(self) -> None:
        """End the outputs' threads."""
        self.outputs.stop()


def book_side(settings: BookSettings, book: AlertBook, topics: Topics, meters: Meters) -> BookSide:
    """Make it by the settings.

    Raises:
        ValueError: the file of outputs is wrong.
    """
    outputs = settings.outputs(os.environ)
    notifier = OutputNotifier(outputs) if outputs else None
    announcer = Announcer(topics, notifier)
    rounds = Rounds(
        book=book,
        announcer=announcer,
        notifier=notifier,
        topics=topics,
        habits=_habits(settings),
        now=lambda: datetime.now().astimezone(),
        clock=time.monotonic,
    )
    delivery = Outputs(
        outputs=outputs,
        book=book,
        meters=meters,
        make_sender=sender_of,
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        keep_trying=timedelta(hours=settings.outputs_keep_trying_hours),
    )
    return BookSide(announcer, delivery, rounds, {"prune": rounds.prune, "import": Importing(book).carry_out})


def _habits(settings: BookSettings) -> Habits:
    return Habits(
        keep_alerts=timedelta(days=settings.keep_alerts_days) if settings.keep_alerts_days else None,
        keep_dead_letters=timedelta(days=settings.keep_dead_letters_days),
        remind_every=timedelta(hours=settings.remind_every_hours) if settings.remind_every_hours else None,
        digest_weekday=settings.digest_weekday,
        digest_hour=settings.digest_hour,
    )
