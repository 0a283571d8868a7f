"""Devices of a class share what is large in their models: the fitted algorithm. Scales and levels stay their own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from detector.models.fit import SharedJudge

if TYPE_CHECKING:
    from detector.models.fit import FitJob, FittedModel

BY_METRICS = "metrics"


class ModelClasses:
    """Knows one algorithm a class and set of metrics: that of the first device which had enough rows.

    Args:
        share_by: "" for no sharing; "metrics": devices with the same metrics are of one class; else a regular
            expression for device names: those for which its first group (or the whole match) is the same.
    """

    def __init__(self, share_by: str) -> None:
        self._by_metrics = share_by == BY_METRICS
        self._pattern = None if share_by in {"", BY_METRICS} else re.compile(share_by)
        self._judges: dict[tuple[str, tuple[str, ...]], SharedJudge] = {}
        self._first: dict[tuple[str, tuple[str, ...]], str] = {}

    def of(self, device: str) -> str | None:
        """Name a device's class; None when it shares nothing."""
        if self._by_metrics:
            return BY_METRICS
        match = None if self._pattern is None else self._pattern.search(device)
        if match is None:
            return None
        return match[1] if match.re.groups else match[0]

    def must_wait(self, job: FitJob) -> bool:
        """Tell whether another device of the class is about to fit the algorithm that this one would share."""
        name = self.of(job.device)
        if name is None or (name, job.metrics) in self._judges:
            return False
        return self._first.setdefault((name, job.metrics), job.device) != job.device

    def lend(self, job: FitJob) -> FitJob:
        """Give a fit the algorithm of its device's class, if there is one already."""
        name = self.of(job.device)
        known = None if name is None else self._judges.get((name, job.metrics))
        return job if known is None else replace(job, judge=known)

    def shared(self, model: FittedModel) -> FittedModel:
        """Let a model hold the one algorithm of its class, or make its own that of the class."""
        name = self.of(model.device)
        if name is None or model.metrics != model.columns:
            return model
        known = self._judges.setdefault((name, model.metrics), SharedJudge(name, model.metrics, model.judge))
        same = model.shared_by is not None or known.judge is model.judge
        return replace(model, judge=known.judge, shared_by=name) if same else model
