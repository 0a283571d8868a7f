"""When the model may be asked: within the budget, and not while it is known to fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pybreaker

from explainer.errors import ProviderError
from storage.explaining import spent_since

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.explaining import Connection

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests may still be sent; with `stop`, none, and why: budget, what was used, what is allowed."""

    requests: int
    stop: tuple[str, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests in any hour, tokens and money in any day.

    Counted in the database, so that a restart is no way around it. No bound on money where `money_per_day` is 0.
    """

    requests_per_hour: int
    tokens_per_day: int
    money_per_day: float = 0.0

    def allowance(self, connection: Connection, now: datetime) -> Allowance:
        """Return how many requests may still be sent now."""
        hour, day = spent_since(connection, now - _HOUR), spent_since(connection, now - _DAY)
        budgets = [
            ("tokens a day", float(day.tokens), float(self.tokens_per_day)),
            ("calls an hour", float(hour.requests), float(self.requests_per_hour)),
        ]
        if self.money_per_day:
            budgets.append(("money a day", day.cost, self.money_per_day))
        for stop in budgets:
            if stop[1] >= stop[2]:
                return Allowance(0, stop)
        return Allowance(self.requests_per_hour - hour.requests)


class Breaker(pybreaker.CircuitBreakerListener):
    """Lets calls rest after so many failures in a row; then one trial decides.

    pybreaker holds its lock during a call, which would line up all callers behind a hanging one. So calls are made
    outside, and their results told here; one thread asks and tells.

    Args:
        failures: in a row, until calls rest.
        rest_s: seconds of rest before a trial.
        clock: monotonic seconds.
    """

    def __init__(self, failures: int, rest_s: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rest_s = rest_s
        self._opened_at = 0.0
        self._breaker = pybreaker.CircuitBreaker(fail_max=failures, reset_timeout=0, listeners=[self])

    def state_change(self, _breaker: Any, _old: Any, new: Any) -> None:  # noqa: ANN401 - pybreaker's own states
        """Note when the rest began."""
        if new.name == pybreaker.STATE_OPEN:
            self._opened_at = self._clock()

    @property
    def resting(self) -> bool:
        """Tell whether nothing may be asked."""
        return self.failing and self._clock() < self._opened_at + self._rest_s

    @property
    def failing(self) -> bool:
        """Tell whether the last word was that calls fail; then one at a time is asked."""
        return bool(self._breaker.current_state != pybreaker.STATE_CLOSED)

    def tell(self, error: str | None) -> None:
        """Tell how a call went: None when it was answered."""

        def outcome() -> None:
            if error is not None:
                raise ProviderError(error, retriable=True)

        try:
            self._breaker.call(outcome)
        except (ProviderError, pybreaker.CircuitBreakerError):
            return  # the breaker knows now, which is all that was wanted
