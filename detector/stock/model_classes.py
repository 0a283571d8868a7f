"""Devices of a class share what is large in their models: the fitted algorithm. Scales and levels stay their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detector.models.fit import SharedJudge

if TYPE_CHECKING:
    from detector.models.fit import FitJob, FittedModel

BY_METRICS = "metrics"


_Key = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class _Known:
    """The algorithm of a class: on how many rows it stands, and since when."""

    judge: SharedJudge
    learned: int
    fitted_at: float


class ModelClasses:
    """Knows one algorithm a class and set of metrics: at first that of the first device which had enough rows.

    It is fitted anew as a model of one device would be: by the first device that has learned so many times as many rows
    as it stands on, or that is fitted after the interval, and when somebody orders a fit. The others take it with their
    own next fit.

    Args:
        share_by: "" for no sharing; "metrics": devices with the same metrics are of one class; else a regular
            expression for device names: those for which its first group (or the whole match) is the same.
        growth: so many times as many rows.
        every: the interval in seconds, None for none.
    """

    def __init__(self, share_by: str, growth: float = 2.0, every: float | None = None) -> None:
        self._by_metrics = share_by == BY_METRICS
        self._pattern = None if share_by in {"", BY_METRICS} else re.compile(share_by)
        self._growth = growth
        self._every = every
        self._known: dict[_Key, _Known] = {}
        self._fitting: dict[_Key, str] = {}
        self._lent: dict[str, SharedJudge] = {}

    def of(self, device: str) -> str | None:
        """Name a device's class; None when it shares nothing."""
        if self._by_metrics:
            return BY_METRICS
        match = None if self._pattern is None else self._pattern.search(device)
        if match is None:
            return None
        return match[1] if match.re.groups else match[0]

    def must_wait(self, job: FitJob, now: float) -> bool:
        """Tell whether another device of the class is fitting the algorithm that this one would share."""
        key = self._key(job.device, job.metrics)
        if key is None or not self._is_over(key, job, now):
            return False
        return self._fitting.get(key, job.device) != job.device

    def lend(self, job: FitJob, now: float, *, anew: bool = False) -> FitJob:
        """Give a fit the algorithm of its class, unless there is none, its time is over, or it is to be new."""
        key = self._key(job.device, job.metrics)
        if key is None:
            return job
        if anew or self._is_over(key, job, now):
            self._fitting[key] = job.device
            return job
        judge = self._lent[job.device] = self._known[key].judge
        return replace(job, judge=judge)

    def fitted(self, model: FittedModel, now: float) -> FittedModel:
        """Let a new model hold the one algorithm that was lent to it, or make its own that of the class."""
        lent = self._lent.pop(model.device, None)
        if lent is not None and model.shared_by is not None:
            return replace(model, judge=lent.judge)
        key = self._key(model.device, model.metrics)
        if key is None or model.metrics != model.columns:
            return model
        if key in self._known and self._fitting.get(key) != model.device:  # it was trained elsewhere
            return model
        self._known[key] = _Known(SharedJudge(*key, model.judge), model.learned, now)
        self._fitting.pop(key, None)
        return replace(model, shared_by=key[0])

    def loaded(self, model: FittedModel, fitted_at: float) -> FittedModel:
        """Learn from a model that was saved what its class has: the newest one tells."""
        key = self._key(model.device, model.metrics)
        if key is None or model.shared_by != key[0]:
            return model
        known = self._known.get(key)
        if known is None or fitted_at > known.fitted_at:
            self._known[key] = _Known(SharedJudge(*key, model.judge), model.learned, fitted_at)
        return model

    def give_up(self, device: str) -> None:
        """Expect nothing of a device whose fit came to nothing."""
        self._lent.pop(device, None)
        for key in [key for key, fitting in self._fitting.items() if fitting == device]:
            del self._fitting[key]

    def _key(self, device: str, metrics: tuple[str, ...]) -> _Key | None:
        name = self.of(device)
        return None if name is None else (name, metrics)

    def _is_over(self, key: _Key, job: FitJob, now: float) -> bool:
        known = self._known.get(key)
        if known is None or job.learned >= self._growth * known.learned:
            return True
        return self._every is not None and now - known.fitted_at >= self._every
