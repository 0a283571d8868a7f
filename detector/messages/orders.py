"""Operators' commands: retrain, rollback, models, adopt; each is carried out once and answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from contracts.service import Answer
from detector.models.model_files import ModelFileError
from detector.refits.refit_rows import RefitRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.service import Command
    from detector.device.tracked import Tracked
    from detector.fleet.fleet import Fleet
    from detector.refits.refits import Finished, Refits
    from detector.stock.model_stock import ModelStock
    from detector.store.state import StateFile

_LEAST_ROWS = 30
_MOST_NAMED = 10


class OrderError(Exception):
    """An order cannot be carried out; the text says why and what to do."""


class Orders:
    """Carries out commands inside the caller's transaction; the answers are published when it is committed.

    Args:
        state: notes the orders.
        fleet, stock, refits: what they are about.

    Attributes:
        answers: to be published.
    """

    def __init__(self, state: StateFile, fleet: Fleet, stock: ModelStock, refits: Refits) -> None:
        self._state = state
        self._fleet = fleet
        self._stock = stock
        self._refits = refits
        self._rows = RefitRows(state)
        self._commands: dict[str, Callable[[Tracked, Command], dict[str, Any] | None]] = {
            "retrain": self._retrain,
            "rollback": self._rollback,
            "models": self._models,
            "adopt": self._adopt,
        }
        self.answers: list[Answer] = []

    def resume(self) -> None:
        """Carry out again what a kill has interrupted; to be called once, in a transaction."""
        for command in self._state.orders.unanswered():
            self._carry_out(command)

    def take(self, command: Command) -> Tracked | None:
        """Carry out a command that is new, or answer it again; return the device that it has changed."""
        if self._state.orders.take(command):
            return self._carry_out(command)
        answer = self._state.orders.answer(command.id)
        if answer is not None:
            self.answers.append(answer)
        return None

    def over(self, fit: Finished) -> None:
        """Answer the order that a fit was begun for."""
        if fit.order is not None:
            error = None if fit.error is None else f"the fit has failed: {fit.error}"
            self._answer(fit.order, fit.tracked, error, None if error else self._described(fit.tracked))

    def _carry_out(self, command: Command) -> Tracked | None:
        tracked = None
        try:
            do = self._known(command)
            tracked = self._device(command)
            result = do(tracked, command)
        except (OrderError, ModelFileError) as error:
            self._answer(command.id, tracked, str(error), None)
            return None
        if result is not None:  # else the answer comes when the fit is over
            self._answer(command.id, tracked, None, result)
        return tracked

    def _known(self, command: Command) -> Callable[[Tracked, Command], dict[str, Any] | None]:
        do = self._commands.get(command.name)
        if do is None:
            raise OrderError(f"unknown command {command.name[:40]!r}: expected {', '.join(self._commands)}")
        return do

    def _device(self, command: Command) -> Tracked:
        if command.device is None or command.device not in self._fleet:
            names = sorted(tracked.name for tracked in self._fleet)
            known = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
            raise OrderError(f"no device {command.device!r}; known: {known or 'none yet'}")
        return self._fleet[command.device]

    def _retrain(self, tracked: Tracked, command: Command) -> None:
        since = _time(command, "since")
        job = tracked.detector.job_now()
        job = self._rows.since(tracked, job, since) if since is not None else self._rows.with_pardoned(tracked, job)
        if len(job.rows) < _LEAST_ROWS:
            raise OrderError(f"{len(job.rows)} rows of the normal course: at least {_LEAST_ROWS} are needed")
        if not self._refits.order(tracked, job, command.id):
            raise OrderError("a fit of this device is on its way; try again in a moment")

    def _rollback(self, tracked: Tracked, command: Command) -> dict[str, Any]:
        version = _number(command, "version")
        kept = [one.version for one in self._stock.versions(tracked)]
        earlier = [one for one in kept if one < tracked.version]
        if version is None and not earlier:
            raise OrderError(f"no version before {tracked.version} is kept")
        wanted = earlier[0] if version is None else version
        if wanted not in kept:
            raise OrderError(f"no version {wanted}; kept: {', '.join(map(str, kept)) or 'none'}")
        abandoned = self._refits.abandon(tracked)
        if abandoned is not None:
            self._answer(abandoned, tracked, "given up for a rollback", None)
        self._fleet.models.go_back(tracked, wanted)
        return self._described(tracked)

    def _adopt(self, tracked: Tracked, command: Command) -> dict[str, Any]:  # noqa: ARG002 - as its siblings
        model = self._stock.trained(tracked.name)
        if model is None:
            raise OrderError("no trained model of this device: tocsin train makes one")
        if tracked.fitting:
            raise OrderError("a fit of this device is on its way; try again in a moment")
        model = self._stock.write(self._stock.renumbered(tracked, model))
        self._fleet.models.adopt(tracked, model, "trained")
        return self._described(tracked)

    def _models(self, tracked: Tracked, command: Command) -> dict[str, Any]:  # noqa: ARG002 - as its siblings
        return self._described(tracked)

    def _described(self, tracked: Tracked) -> dict[str, Any]:
        """Describe the versions of a device's model, newest first."""
        versions = [
            {
                **msgspec.to_builtins(one),
                "active": one.version == tracked.version,
                "intact": self._stock.intact(tracked, one.version),
            }
            for one in self._stock.versions(tracked)
        ]
        return {"version": tracked.version, "pinned": tracked.pinned, "versions": versions}

    def _answer(self, order: str, tracked: Tracked | None, error: str | None, result: dict[str, Any] | None) -> None:
        device = None if tracked is None else tracked.name
        answer = Answer(id=order, ok=error is None, error=error, device=device, result=result, at=datetime.now(UTC))
        self._state.orders.done(answer)
        self.answers.append(answer)


def _time(command: Command, name: str) -> datetime | None:
    value = (command.arguments or {}).get(name)
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise OrderError(f"{name} = {value!r}: expected a time such as 2026-01-31T12:00:00Z") from None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _number(command: Command, name: str) -> int | None:
    value = (command.arguments or {}).get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise OrderError(f"{name} = {value!r}: expected a whole number")
    return value
