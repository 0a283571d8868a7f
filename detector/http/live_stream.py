"""A streaming detector: a DeviceDetector, as a device on the bus has one, fed by requests.

A sample has no time of its own, so one counts as a second of a recording: the same samples give the same scores,
however fast they come.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from contracts.reading import Reading
from detector.device.device import DeviceDetector, run_fit
from detector.http.encoding import Encoder, numbers_of
from detector.http.errors import RequestError
from detector.http.explanation import by_bounds, explanation
from detector.models.fit import FitError
from detector.verdicts.confidence import decades_of
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detector.device.device import FitJob, FittedModel
    from detector.http.encoding import Cell
    from detector.http.fits import Fits
    from detector.http.terms import Terms

_MOST_METRICS = 500
_INLINE_SAMPLES = 50  # more than these are scored in a thread, so that other requests go on
_TRY_AGAIN = 10  # samples, after a fit that failed
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_log = get_logger("detector.http.streams")


class Result(msgspec.Struct, omit_defaults=False):
    """Of one sample; scores are None while the stream collects."""

    index: int
    score: float | None
    is_anomaly: bool | None
    raw_score: float | None
    samples_until_ready: int
    explanation: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET


class LiveStream:
    """One streaming detector.

    Attributes:
        terms: of the first call.
        lock: held while samples are taken or a model is adopted.
        retraining: whether a fit is on its way.
        version: of the model; 0 before the first.
        processed: samples taken since it was made or reset.
        since_retrain: samples taken since the model was fitted.
    """

    def __init__(self, terms: Terms, fits: Fits) -> None:
        self.terms = terms
        self.lock = asyncio.Lock()
        self._fits = fits
        self._tasks: set[asyncio.Task[None]] = set()
        self._reset()

    async def restart(self) -> None:
        """Forget everything but the terms; what is on its way ends first."""
        async with self.lock:
            self._reset()

    def _reset(self) -> None:
        self._detector = DeviceDetector(self.terms.model, self.terms.config())
        self._encoder = None if self.terms.schema is None else Encoder(dict(self.terms.schema))
        self._try_again_at = 0
        self.retraining = False
        self.version = 0
        self.processed = 0
        self.since_retrain = 0

    @property
    def status(self) -> str:
        """What the stream is doing: collecting, ready or retraining."""
        if self.version == 0:
            return "collecting"
        return "retraining" if self.retraining else "ready"

    @property
    def until_ready(self) -> int:
        """Samples that are still to come before there is a model; 0 when there is one."""
        return 0 if self.version else max(self.terms.warm_up - self.processed, 1)

    @property
    def collected(self) -> int:
        """Samples in the window."""
        return min(self.processed, self.terms.window_size)

    async def take(self, samples: Sequence[Mapping[str, Cell]], *, explain: bool) -> list[Result]:
        """Score samples in their order; the first model is waited for, later ones come in the background.

        Raises:
            RequestError: a sample is not usable; those before it were taken.
        """
        async with self.lock:
            results: list[Result] = []
            while len(results) < len(samples):
                part = samples[len(results) : len(results) + self._until_fit()]
                if len(part) > _INLINE_SAMPLES:
                    results += await asyncio.to_thread(self._take, part, len(results), explain)
                else:
                    results += self._take(part, len(results), explain)
                await self._fit_if_due()
            return results

    def _until_fit(self) -> int:
        """Return after how many samples to look whether a fit is due."""
        if self.version == 0:
            return max(self.terms.warm_up - self.processed, self._try_again_at - self.processed, 1)
        return max(self.terms.retrain_interval - self.since_retrain, 1) if not self.retraining else 10_000

    def _take(self, samples: Sequence[Mapping[str, Cell]], first: int, explain: bool) -> list[Result]:  # noqa: FBT001 - called by position
        return [self._score(sample, first + offset, explain=explain) for offset, sample in enumerate(samples)]

    def _score(self, sample: Mapping[str, Cell], index: int, *, explain: bool) -> Result:
        values = self._numbers(sample)
        at = _EPOCH + timedelta(seconds=self.processed)
        reading = Reading(device=self.terms.model, values=values, measured_at=at, clock="replay")
        outcome = self._detector.process(reading, f"{self.processed:032x}", at)
        self.processed += 1
        self.since_retrain += 1
        if self.version == 0:
            return Result(index, None, None, None, max(self.terms.warm_up - self.processed, 0))
        result = Result(index, outcome.score, outcome.score > self.terms.threshold, decades_of(outcome.score), 0)
        if explain:
            result.explanation = self._explanation(result.raw_score or 0.0)
        return result

    def _numbers(self, sample: Mapping[str, Cell]) -> dict[str, float | None]:
        if self._encoder is None:
            values = numbers_of(sample)
        else:
            self._encoder.learn(sample)
            values = self._encoder.encode(sample)
        known = self._detector.metrics
        if len(known) + len(values) > _MOST_METRICS and len({*known, *values}) > _MOST_METRICS:
            raise RequestError(422, f"a stream has at most {_MOST_METRICS} columns: {len(known)} are known")
        return values

    def _explanation(self, raw: float) -> dict[str, Any] | None:
        expected = self._detector.expectation()
        return None if expected is None else explanation(*by_bounds(expected, expected.values), raw)

    async def _fit_if_due(self) -> None:
        if self.version == 0:
            if self.processed >= max(self.terms.warm_up, self._try_again_at):
                await self._fit_first()
        elif self.since_retrain >= self.terms.retrain_interval and not self.retraining:
            job = self._job()
            if job is not None:
                self.retraining = True
                task = asyncio.create_task(self._retrain(job, self._detector))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _fit_first(self) -> None:
        job = self._job()
        try:
            if job is not None:
                self._adopt(await self._fits.run(run_fit, job))
        except (FitError, RequestError) as error:
            _log.warning("no model yet", stream=self.terms.model, reason=str(error))
            self._try_again_at = self.processed + _TRY_AGAIN

    async def _retrain(self, job: FitJob, detector: DeviceDetector) -> None:
        fitted = None
        try:
            fitted = await self._fits.run(run_fit, job)
        except (FitError, RequestError) as error:
            _log.warning("retraining failed; the model stays", stream=self.terms.model, reason=str(error))
        async with self.lock:
            if self._detector is not detector:  # it was reset meanwhile
                return
            if fitted is not None:
                self._adopt(fitted)
            self.since_retrain = 0
            self.retraining = False

    def _job(self) -> FitJob | None:
        """Return the fit of the newest rows of the normal course, at most a window of them."""
        job = self._detector.fit_job
        if job is None:
            return None
        newest = slice(-self.terms.window_size, None)
        return replace(job, rows=job.rows[newest], positions=job.positions[newest])

    def _adopt(self, fitted: FittedModel) -> None:
        self._detector.adopt(fitted)
        self.version += 1
        self.since_retrain = 0
