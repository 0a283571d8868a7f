"""From rows of the normal course to a fitted model. Pure and picklable, so that it can run in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from contracts.anomaly import Model
from detector.models.backends import UnknownBackendError, backend, checked
from detector.models.backends.memory import raw_scores
from detector.models.backends.port import Fitting
from detector.models.coherence import fit_coherence, heldback_disagreements
from detector.models.off_state import off_state_of
from detector.models.persistence import shared_rows
from detector.models.scaling import fit_features
from detector.models.tail import Tail
from detector.rows.features import batch
from detector.rows.reference import thinned

if TYPE_CHECKING:
    from detector.models.backends.port import Judge
    from detector.models.coherence import Coherence
    from detector.models.scaling import Scaling
    from detector.rows.features import Floats, Ints

_HELD_BACK = 0.25
_LEAST_COVERAGE = 0.04
_LEAST_ROWS = 10
_LEAST_RUNNING = 60  # rows: with fewer, the off state stays in


class FitError(Exception):
    """A model cannot be fitted on these rows."""


@dataclass(frozen=True, slots=True)
class SharedJudge:
    """An algorithm fitted on another device of the same class, for the same metrics in the same order."""

    shared_by: str
    metrics: tuple[str, ...]
    judge: Judge


@dataclass(frozen=True, slots=True)
class FitJob:
    """What a fit needs.

    Attributes:
        device: whose model it is.
        version: of the model to come.
        backend: a key of `BACKENDS`, or an ensemble of some.
        metrics: names of the C columns.
        rows: (n, C) values, NaN where not measured.
        positions: (n,) place of each row in the device's stream, rising.
        most_rows: rows that the model may be fitted on.
        trees, samples: size of a forest.
        learned: rows of the normal course that stand behind the job.
        until: position of the newest row when the job was made.
        with_habits: whether rows of incidents were taken in.
        judge: of the device's class, if there is one: scales and levels are the device's own in any case.
        complete: whether the rows are the whole reference; else it grows, and what wanders may wander on.
        follows: whether a slow level of what remains of the metrics may be followed: that is quick beside a day.
    """

    device: str
    version: int
    backend: str
    metrics: tuple[str, ...]
    rows: Floats
    positions: Ints
    most_rows: int
    trees: int
    samples: int
    learned: int
    until: int
    with_habits: bool = False
    judge: SharedJudge | None = None
    complete: bool = False
    follows: bool = False


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What is normal for a device; immutable.

    Attributes:
        device, version, backend, metrics: as in the job; metrics only those that the model uses (M).
        scaling: centre, scale and drift of the 3 M features.
        judge: the fitted algorithm.
        coherence: how the metrics go together.
        tail, extremes, apart: where the tails of the score, the largest z and the disagreement of metrics start.
        rows, positions: the reference, for the next fit; columns as in `columns`.
        columns: names of the columns of `rows`.
        shared_rows: how many neighbouring rows tell the same, of the score and of the disagreement.
        end: position of the newest row that was learned from.
        learned, until, with_habits, complete: as in the job.
        shared_by: the class whose devices share `judge`; None when it is the device's own.
    """

    device: str
    version: int
    backend: str
    metrics: tuple[str, ...]
    scaling: Scaling
    judge: Judge
    coherence: Coherence
    tail: tuple[object, ...]
    extremes: tuple[object, ...]
    apart: tuple[object, ...]
    rows: Floats
    positions: Ints
    columns: tuple[str, ...]
    shared_rows: tuple[float, float]
    end: int
    learned: int
    until: int
    with_habits: bool = False
    shared_by: str | None = None
    complete: bool = False

    def named(self) -> Model:
        """Return the name that anomalies carry."""
        return Model(backend=self.backend, version=self.version, scope=self.shared_by or self.device)


def run_fit(job: FitJob) -> FittedModel:
    """Fit a model; the same job gives the same model.

    Raises:
        FitError: too few usable rows, or an unknown backend.
        BackendMissingError: the backend needs an extra that is not installed.
    """
    _check_backend(job)
    rows, positions = thinned(job.rows, job.positions, job.most_rows)
    used = modelled(rows)
    features, places = _features(np.ascontiguousarray(rows[:, used]), positions)
    if len(used) == 0 or len(places) < _LEAST_ROWS:
        raise FitError(f"device {job.device!r}: {len(places)} usable rows, {len(used)} usable metrics")
    split = len(places) - max(int(len(places) * _HELD_BACK), 2)
    scaling = fit_features(features[:split], places[:split], complete=job.complete)
    elapsed = np.maximum(places - places[split - 1], 0).astype(np.float64)
    z = scaling.rows(features, elapsed)
    largest = np.max(np.abs(scaling.unclipped(features, elapsed)[:, : len(used)]), axis=1)
    seed = _seed(job.device, job.version)
    shared = _shared(job, used)
    judge = (
        backend(job.backend).fit(Fitting(z[:split], z[split:], job.trees, job.samples, seed, job.complete))
        if shared is None
        else shared.judge
    )
    scores = raw_scores(judge, z, places)
    learned = job.learned if job.follows else 0
    coherence = fit_coherence(z[:split, : len(used)], places[:split], complete=job.complete, learned=learned)
    still = scaling.rows(features, np.zeros(len(features))) if coherence.follows else z
    coherence, apart = heldback_disagreements(coherence, still[:, : len(used)], places, split)
    return FittedModel(
        device=job.device,
        version=job.version,
        backend=job.backend,
        metrics=tuple(job.metrics[c] for c in used),
        scaling=scaling,
        judge=judge,
        coherence=coherence,
        tail=Tail.of(scores[split:]).state(),
        extremes=Tail.of(largest[split:]).state(),
        apart=Tail.of(apart[split:]).state(),
        rows=rows,
        positions=positions,
        columns=job.metrics,
        shared_rows=(shared_rows(scores, places), shared_rows(apart, places)),
        end=int(places[split - 1]),
        learned=job.learned,
        until=job.until,
        with_habits=job.with_habits,
        shared_by=None if shared is None else shared.shared_by,
        complete=job.complete,
    )


def _features(rows: Floats, positions: Ints) -> tuple[Floats, Ints]:
    """Return the features (m, 3 M) that rows (n, M) give while the machine runs, and their positions (m,)."""
    off = off_state_of(rows, positions) if rows.shape[1] else None
    if off is not None:
        runs = ~off.around(rows, positions)
        features, kept = batch(rows[runs], positions[runs])
        if len(kept) >= _LEAST_RUNNING:
            return features, positions[runs][kept]
    features, kept = batch(rows, positions)
    return features, positions[kept]


def _shared(job: FitJob, used: Ints) -> SharedJudge | None:
    """Return the algorithm of the device's class if it was fitted for the metrics that are used here."""
    fits = job.judge is not None and job.judge.metrics == tuple(job.metrics[c] for c in used)
    return job.judge if fits else None


def _check_backend(job: FitJob) -> None:
    try:
        checked(job.backend)
    except UnknownBackendError as error:
        raise FitError(f"device {job.device!r}: backend {job.backend!r}: {error}") from error


def modelled(rows: Floats) -> Ints:
    """Return the columns of rows (n, C) that are measured often enough for a model, beside the one measured most."""
    measured = np.sum(~np.isnan(rows), axis=0)
    return np.flatnonzero(measured >= max(_LEAST_COVERAGE * measured.max(initial=0), _LEAST_ROWS))


def _seed(device: str, version: int) -> int:
    return int.from_bytes(blake2b(f"{device}\0{version}".encode(), digest_size=4).digest(), "big")
