"""One reading examined: by the newest rows, by rules, by the model; of what is found, the one that says most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.verdicts.findings import Finding, by_model, by_range, by_reach, by_stuckness

if TYPE_CHECKING:
    from detector.config import DetectionConfig
    from detector.models.scorer import Judgement, Scorer
    from detector.rows.features import Floats, Ints
    from detector.rows.stream import Stream

_DROPOUT = 1e-6
_STUCK = 1e-6
_YOUNG = 1000  # rows: a model of fewer knows little of what is far out, so the coarse check stays beside it


class Examination:
    """Looks at readings in every way there is.

    Attributes:
        config: how strictly.
        scorer: the model at work; None before the first.
        gross: whether the newest reading was far outside of those before it.
    """

    __slots__ = ("_modelled", "_seen", "config", "gross", "scorer")

    def __init__(self, config: DetectionConfig, scorer: Scorer | None = None, *, gross: bool = False) -> None:
        self.config = config
        self.scorer = scorer
        self.gross = gross
        self._modelled = np.zeros(0, dtype=np.bool_)
        self._seen = np.zeros((2, 0))

    def use(self, scorer: Scorer, stream: Stream) -> None:
        """Judge by this model from now on."""
        self.scorer = scorer
        self.mark(stream)

    def mark(self, stream: Stream) -> None:
        """Note which of the metrics the model judges alone."""
        self._modelled = np.zeros(len(stream.roster), dtype=np.bool_)
        self._seen = np.array([[np.inf], [-np.inf]]) * np.ones(len(stream.roster))
        if self.scorer is not None:
            model = self.scorer.model
            self._modelled[self.scorer.columns] = model.learned >= _YOUNG
            modelled = [model.columns.index(name) for name in model.metrics]
            self._seen[:, self.scorer.columns] = np.nanquantile(model.rows[:, modelled], (0.0, 1.0), axis=0)

    def take(
        self, stream: Stream, columns: Ints, values: Floats, at: float, arrived: float
    ) -> tuple[Finding | None, Judgement | None]:
        """Let a reading into the stream; return what is wrong with it, and what the model says."""
        if len(self._modelled) < len(stream.roster):
            self.mark(stream)
        gross = by_reach(stream, columns, values, self._modelled, again=self.gross, seen=self._seen)
        self.gross = gross is not None
        stream.take(columns, values, at, arrived)
        if self.scorer is None:
            return self._by_rule(stream, columns, values) or gross, None
        judgement = self.scorer.judge(stream.features, stream.position, stream.alone)
        finding = self._by_rule(stream, columns, values)
        finding = finding or by_stuckness(stream, self.scorer, _STUCK)
        return finding or _rarer(by_model(judgement, self.config, stream.readings_per_day()), gross), judgement

    def _by_rule(self, stream: Stream, columns: Ints, values: Floats) -> Finding | None:
        config = self.config
        finding = by_range(stream, columns, values, config) if config.ranges else None
        if finding is None and self.scorer is not None:
            overdue = stream.pace.overdue(stream.newest_at, config.silence_factor, config.silence_seconds)
            if overdue >= 0:
                return Finding(_DROPOUT, opens=True, keeps=True, kind="dropout", metric=overdue)
        return finding


def _rarer(one: Finding | None, other: Finding | None) -> Finding | None:
    """Return the finding that opens, or the rarer one of two that do."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda finding: (not finding.opens, finding.probability))
