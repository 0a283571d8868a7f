"""The explainer's loop: take a batch, store it, acknowledge it, send receipts, publish what is owed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from contracts.codec import encode
from explainer.messages.reading_messages import SERVICE
from runtime.grouping import receive_group
from runtime.health import Health
from runtime.lifecycle import Service
from runtime.logs import get_logger
from storage.errors import StorageError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from contracts.topics import Topics
    from explainer.llm.desk import ExplanationDesk
    from explainer.messages.batches import Batches
    from explainer.messages.intake import Intake, Outcome
    from explainer.messages.orders import Orders
    from explainer.messages.publishing import OutboxPublisher
    from explainer.meters import Meters
    from explainer.status import StatusReport
    from explainer.upkeep.building import BookSide
    from runtime.bus import Bus, Message

_IDLE_S = 0.1
_BUSY_S = 0.02  # while the broker has not answered all
_RETRY_S = 1.0
_WAKE_EVERY_S = 5.0
_log = get_logger("explainer")


class ExplainerService(Service):
    """Anomalies in, alerts out. The thread that calls `step` is the database's only writer.

    Args:
        bus: the broker.
        topics: the installation's topics.
        prepare: checks the database and migrates it.
        close: closes it.
        batches: decodes and stores messages.
        intake: wakes snoozed alerts.
        publisher: publishes what is owed.
        status: tells how the service is.
        meters: counts.
        side: outputs, reminders, digests and pruning.
        desk: has incidents explained by a model; None where none is set.
        orders: carries out an operator's commands.
        now: the time now, aware.
    """

    name = SERVICE

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        bus: Bus,
        topics: Topics,
        prepare: Callable[[], None],
        close: Callable[[], None],
        batches: Batches,
        intake: Intake,
        publisher: OutboxPublisher,
        status: StatusReport,
        meters: Meters,
        desk: ExplanationDesk | None,
        side: BookSide,
        orders: Orders,
        now: Callable[[], datetime],
    ) -> None:
        self._bus = bus
        self._topics = topics
        self._prepare = prepare
        self._close = close
        self._batches = batches
        self._intake = intake
        self._publisher = publisher
        self._status = status
        self._meters = meters
        self._desk = desk
        self._side = side
        self._orders = orders
        self._now = now
        self.registry = meters.registry
        self._waiting: list[Message] = []
        self._database: str | None = "not opened yet"
        self._retry_at = 0.0
        self._wake_at = 0.0
        self._running = False

    def start(self) -> None:
        """Open the database, then listen.

        Raises:
            StorageError: the database cannot be opened, or is damaged.
        """
        self._prepare()
        if self._desk is not None:
            self._desk.start()
        self._side.start()
        self._database = None
        self._status.start()
        self._bus.start()
        self._running = True

    def step(self) -> None:
        """Take, store and publish once."""
        if not self._waiting:
            self._waiting = receive_group(self._bus, _IDLE_S if self._publisher.idle else _BUSY_S)
        if time.monotonic() >= self._retry_at:
            self._work()
        else:
            time.sleep(_IDLE_S)
        self._status.turn()

    def stop(self) -> None:
        """Settle what the broker took and say goodbye."""
        if not self._running:
            return
        self._running = False
        if self._desk is not None:
            self._desk.stop()
        self._side.stop()
        self._status.stop()
        self._bus.stop()
        try:
            self._publisher.finish()
        except StorageError as error:
            _log.warning("what was published last is published again at the next start", error=str(error))
        self._close()

    def health(self) -> Health:
        """Ready while the broker takes what is published and the database takes writes."""
        broker, refusals = "connected" if self._bus.connected else "not connected", self._bus.refusals
        details = {"broker": broker, "database": self._database or "writable", **refusals}
        # No model, or one that fails, is no reason to be unready: alerts do not wait for it.
        details["model"] = self._desk.state if self._desk is not None else "not set; evidence text only"
        return Health(ready=self._bus.connected and not refusals and self._database is None, details=details)

    def _work(self) -> None:
        try:
            self._store_waiting()
            self._wake_snoozed()
            if self._desk is not None and self._desk.turn():
                self._publisher.wake()
            if self._side.turn():
                self._publisher.wake()
            self._publisher.turn()
        except UnavailableError as error:
            # Nothing was acknowledged: the batch stays here and is tried again; the broker holds the rest back.
            self._meters.store_failures.inc()
            self._database = str(error)
            self._retry_at = time.monotonic() + _RETRY_S
            _log.error("the database cannot be used; trying again", error=str(error), waiting=len(self._waiting))
        else:
            self._database = None

    def _store_waiting(self) -> None:
        if not self._waiting:
            return
        outcomes, commands = self._batches.store(self._waiting)
        messages, self._waiting = self._waiting, []
        self._bus.ack(messages)
        for outcome in outcomes:
            self._acknowledge(outcome)
        for command in commands:
            self._orders.carry_out(command)

    def _acknowledge(self, outcome: Outcome) -> None:
        receipt = outcome.receipt
        if receipt.stored or receipt.rejected:
            self._bus.publish(self._topics.receipts("detector"), encode(receipt))
        self._count(outcome)

    def _wake_snoozed(self) -> None:
        if time.monotonic() >= self._wake_at:
            self._wake_at = time.monotonic() + _WAKE_EVERY_S
            self._count(self._intake.wake_snoozed())

    def _count(self, outcome: Outcome) -> None:
        now = self._now()
        self._meters.anomalies.inc(len(outcome.stored))
        self._meters.duplicates.inc(len(outcome.duplicates))
        self._meters.thinned.inc(len(outcome.thinned))
        for anomaly in outcome.stored:
            self._meters.latency.observe(max(0.0, (now - anomaly.received_at).total_seconds()))
        for change in outcome.changes:
            if change.news not in {"none", "updated"}:
                self._meters.alerts.labels(change.news).inc()
        for letter in outcome.letters:
            self._meters.dead_letters.labels(letter.service[:64], letter.reason[:64]).inc()
        if outcome.publications:
            self._publisher.wake()
