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


class Examination:
    """Looks at readings in every way there is.

    Attributes:
        config: how strictly.
        scorer: the model at work; None before the first.
        gross: whether the newest reading was far outside of those before it.
    """

    __slots__ = ("_modelled", "config", "gross", "scorer")

    def __init__(self, config: DetectionConfig, scorer: Scorer | None = None, *, gross: bool = False) -> None:
        self.config = config
        self.scorer = scorer
        self.gross = gross
        self._modelled = np.zeros(0, dtype=np.bool_)

    def use(self, scorer: Scorer, stream: Stream) -> None:
        """Judge by this model from now on."""
        self.scorer = scorer
        self.mark(stream)

    def mark(self, stream: Stream) -> None:
        """Note which of the metrics the model judges."""
        self._modelled = np.zeros(len(stream.roster), dtype=np.bool_)
        if self.scorer is not None:
            self._modelled[self.scorer.columns] = True

    def take(
        self, stream: Stream, columns: Ints, values: Floats, at: float, arrived: float
    ) -> tuple[Finding | None, Judgement | None]:
        """Let a reading into the stream; return what is wrong with it, and what the model says."""
        if len(self._modelled) < len(stream.roster):
            self.mark(stream)
        gross = by_reach(stream, columns, values, self._modelled, again=self.gross)
        self.gross = gross is not None
        stream.take(columns, values, at, arrived)
        if self.scorer is None:
            return self._by_rule(stream, columns, values) or gross, None
        judgement = self.scorer.judge(stream.features, stream.position, stream.alone)
        finding = self._by_rule(stream, columns, values)
        finding = finding or by_stuckness(stream, self.scorer, _STUCK)
        return finding or by_model(judgement, self.config, stream.readings_per_day()) or gross, judgement

    def _by_rule(self, stream: Stream, columns: Ints, values: Floats) -> Finding | None:
        config = self.config
        finding = by_range(stream, columns, values, config) if config.ranges else None
        if finding is None and self.scorer is not None:
            overdue = stream.pace.overdue(stream.newest_at, config.silence_factor, config.silence_seconds)
            if overdue >= 0:
                return Finding(_DROPOUT, opens=True, keeps=True, kind="dropout", metric=overdue)
        return finding
