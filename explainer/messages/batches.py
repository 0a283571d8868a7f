"""A batch of messages stored as a whole, or one by one when one of them is poison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.messages.intake import Outcome
from explainer.messages.reading_messages import HeardCommand, Ignored
from runtime.logs import get_logger
from storage.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.service import Command
    from explainer.messages.intake import Intake
    from explainer.messages.reading_messages import MessageReader, Word
    from explainer.meters import Meters
    from runtime.bus import Message

_log = get_logger("explainer")


class Batches:
    """Decodes and stores batches; no message can keep the others from being stored.

    Args:
        reader: decodes.
        intake: stores.
        meters: counts what is only counted.
    """

    def __init__(self, reader: MessageReader, intake: Intake, meters: Meters) -> None:
        self._reader = reader
        self._intake = intake
        self._meters = meters

    def store(self, messages: Sequence[Message]) -> tuple[list[Outcome], list[Command]]:
        """Store a batch; return what became of it, and the commands in it.

        Raises:
            UnavailableError: the database cannot be used now; the same batch may be given again.
        """
        words = [self._reader.read(message) for message in messages]
        outcomes = self._stored(messages, words)
        for word in words:
            if isinstance(word, Ignored):
                self._meters.ignored.labels(word.reason).inc()
        return outcomes, [word.command for word in words if isinstance(word, HeardCommand)]

    def _stored(self, messages: Sequence[Message], words: list[Word]) -> list[Outcome]:
        try:
            return [self._intake.store(words)]
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - one message of the batch is poison: find it
            _log.exception("a batch failed; storing its messages one by one")
        return [self._stored_alone(message, word) for message, word in zip(messages, words, strict=True)]

    def _stored_alone(self, message: Message, word: Word) -> Outcome:
        try:
            return self._intake.store([word])
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - the handler loop: log, count, dead-letter
            _log.exception("a message cannot be stored", topic=message.topic)
            return self._refused(self._reader.refusal(message, "not_storable", f"{type(error).__name__}: {error}"))

    def _refused(self, word: Word) -> Outcome:
        try:
            return self._intake.store([word])
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - it would come again for ever, and nothing behind it would be heard
            _log.exception("not even the refusal of a message can be stored")
            self._meters.ignored.labels("not_storable").inc()
            return Outcome()
