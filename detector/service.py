"""The detector's loop: readings in, one transaction, acknowledgements, anomalies out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from detector.rows.time_units import DAY_S
from runtime.grouping import GROUP_MESSAGES, batches
from runtime.health import Health
from runtime.lifecycle import Service
from runtime.logs import get_logger

if TYPE_CHECKING:
    from contracts.service import Answer
    from detector.fleet.fleet import Fleet
    from detector.http.child import HttpChild
    from detector.messages.desks import Desks
    from detector.messages.intake import Intake
    from detector.messages.outgoing import Outgoing
    from detector.meters import Meters
    from detector.refits.fitting import FitWorker
    from detector.status import Announcer
    from detector.store.state import StateFile
    from runtime.bus import Bus, Message
    from runtime.outbox import Owed

_IDLE_S = 0.2
_HOLDING_S = 0.02  # while readings wait for a model
_STATUS_EVERY_S = 0.5
_LEDGER_S = 90 * DAY_S  # how long the ledger of raised anomalies is kept
_log = get_logger("detector.service")


class DetectorService(Service):
    """Takes messages in groups: everything a group changes is committed before any of it is acknowledged."""

    name = "detector"

    def __init__(  # noqa: PLR0913 - its parts, put together in bootstrap
        self,
        *,
        bus: Bus,
        state: StateFile,
        fleet: Fleet,
        fits: FitWorker,
        desks: Desks,
        intake: Intake,
        outgoing: Outgoing,
        announcer: Announcer,
        meters: Meters,
        http: HttpChild,
        subscriptions: tuple[str, ...] = (),
    ) -> None:
        self._bus = bus
        self._state = state
        self._fleet = fleet
        self._fits = fits
        self._desks = desks
        self._intake = intake
        self._outgoing = outgoing
        self._announcer = announcer
        self._meters = meters
        self._http = http
        self._subscriptions = subscriptions
        self.registry = meters.registry
        self._generation = 0
        self._said_at = 0.0
        self._positions: dict[str, int] = {}
        self._answers: list[Answer] = []
        self._running = False

    def start(self) -> None:
        """Recover the devices, then connect."""
        self._state.open()
        self._state.incidents.prune(before=time.time() - _LEDGER_S)
        seen_again = self._fleet.recover()
        self._positions = self._state.progress()
        self._intake.foreign.desk.recover()
        _log.info("recovered", devices=len(self._fleet), readings_seen_again=seen_again)
        self._fits.start()
        self._http.start()
        self._intake.scoring.resume()
        with self._state.transaction():
            self._desks.orders.resume()
        self._bus.start()
        self._running = True

    def step(self) -> None:
        """Take one group of messages and what the clock brings."""
        messages = self._bus.receive(GROUP_MESSAGES, _HOLDING_S if self._fleet.held else _IDLE_S)
        with self._state.transaction():
            messages = self._take(messages)
            now = time.time()
            self._look_at_clock(now)
            owed = self._settle(now)
        self._bus.ack(messages)
        for topic, payload in self._intake.foreign.desk.waker.due(now):
            self._bus.publish(topic, payload, qos=0)
        if self._intake.foreign.desk.reload(now):
            if self._intake.foreign.desk.must_hear_again:
                self._bus.listen(self._subscriptions)
            self._bus.listen(self._subscriptions + self._intake.foreign.desk.filters)
        self._answers += self._desks.answers()
        self._outgoing.send(owed)
        self._announce(now)
        self._meters.observe(messages, self._intake, self._fleet, self._outgoing)
        self._http.watch()

    def stop(self) -> None:
        """Snapshot every device, say goodbye and close."""
        if not self._running:
            return
        self._running = False
        self._http.stop()
        self._fits.stop()
        self._fleet.save_all()
        with self._state.transaction():
            self._fleet.journal.flush()
        self._announcer.offline()
        self._bus.stop()
        self._state.close()

    def health(self) -> Health:
        """Ready when the broker is there."""
        refusals = self._bus.refusals
        details = {"devices": str(len(self._fleet)), "broker": "connected" if self._bus.connected else "not connected"}
        return Health(ready=self._running and self._bus.connected and not refusals, details={**details, **refusals})

    def _take(self, first: list[Message]) -> list[Message]:
        """Take a group, up to the first anomaly: that waits for no others; return what was taken."""
        taken: list[Message] = []
        raised = self._intake.counters["anomalies"]
        for batch in batches(self._bus, first):
            for message in batch:
                self._intake.take(message, self._state.outbox)
            taken += batch
            if self._intake.counters["anomalies"] > raised:
                break
        return taken

    def _look_at_clock(self, now: float) -> None:
        foreign = self._intake.foreign
        foreign.look(now, self._intake, self._state.outbox)
        for tracked, outcome in self._fleet.due(now, foreign.desk.excused):
            self._intake.scoring.raise_anomaly(outcome, now)
            self._intake.scoring.touched[tracked.name] = tracked
        self._intake.scoring.look_at_fits()

    def _settle(self, now: float) -> list[Owed]:
        self._intake.foreign.desk.flush()
        self._fleet.journal.flush()
        self._fleet.journal.sweep(now)
        for run, count in self._intake.scoring.progress.items():
            self._state.advance(run, count)
            self._positions[run] = self._positions.get(run, 0) + count
        self._intake.scoring.progress.clear()
        outbox = self._state.outbox
        self._outgoing.settle_taken(outbox)
        if self._bus.generation != self._generation or self._intake.explainer_returned:
            self._intake.explainer_returned = False
            self._outgoing.resume(outbox, now)
        return self._outgoing.due(outbox, now)

    def _announce(self, now: float) -> None:
        if not self._bus.connected:
            return
        if self._bus.generation != self._generation:
            self._generation = self._bus.generation
            self._announcer.forget()
            self._said_at = 0.0
            self._intake.scoring.touched.update({tracked.name: tracked for tracked in self._fleet})
        for answer in self._answers:
            self._announcer.answer(answer)
        self._answers.clear()
        for tracked in self._intake.scoring.touched.values():
            self._announcer.device(tracked, now)
        self._intake.scoring.touched.clear()
        if now - self._said_at >= _STATUS_EVERY_S:
            self._said_at = now
            notices = self._intake.foreign.desk.board.newest
            self._announcer.online(self._positions, self._intake.counters, notices)
