"""From rows of the normal course to a fitted model. Pure and picklable, so that it can run in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from contracts.anomaly import Model
from detector.backends import BACKENDS
from detector.backends.port import Fitting
from detector.features import batch
from detector.reference import thinned
from detector.scaling import fit_scaling
from detector.tail import Tail

if TYPE_CHECKING:
    from detector.backends.port import Judge
    from detector.features import Floats, Ints
    from detector.scaling import Scaling

_HELD_BACK = 0.25
_LEAST_COVERAGE = 0.5
_LEAST_ROWS = 8
_RIDGE = 0.05


class FitError(Exception):
    """A model cannot be fitted on these rows."""


@dataclass(frozen=True, slots=True)
class FitJob:
    """What a fit needs.

    Attributes:
        device: whose model it is.
        version: of the model to come.
        backend: a key of `BACKENDS`.
        metrics: names of the C columns.
        rows: (n, C) values, NaN where not measured.
        positions: (n,) place of each row in the device's stream, rising.
        most_rows: rows that the model may be fitted on.
        trees, samples: size of a forest.
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


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What is normal for a device; immutable.

    Attributes:
        device, version, backend, metrics: as in the job; metrics only those that the model uses (M).
        scaling: centre, scale and drift of the 3 M features.
        judge: the fitted algorithm.
        precision: (M, M) inverse correlation of the metrics, for what one metric should be given the others.
        longest_same: (M,) longest run of equal values in the reference.
        tail, extremes: where the tails of the score and of the largest z start.
        rows, positions: the reference, for the next fit; columns as in `columns`.
        columns: names of the columns of `rows`.
        end: position of the newest row of the reference.
    """

    device: str
    version: int
    backend: str
    metrics: tuple[str, ...]
    scaling: Scaling
    judge: Judge
    precision: Floats
    longest_same: Ints
    tail: tuple[object, ...]
    extremes: tuple[object, ...]
    rows: Floats
    positions: Ints
    columns: tuple[str, ...]
    end: int

    def named(self) -> Model:
        """Return the name that anomalies carry."""
        return Model(backend=self.backend, version=self.version, scope=self.device)


def run_fit(job: FitJob) -> FittedModel:
    """Fit a model; the same job gives the same model.

    Raises:
        FitError: too few usable rows, or an unknown backend.
    """
    rows, positions = thinned(job.rows, job.positions, job.most_rows)
    used = _modelled(rows)
    features, kept = batch(np.ascontiguousarray(rows[:, used]), positions)
    if len(used) == 0 or len(kept) < _LEAST_ROWS or job.backend not in BACKENDS:
        raise FitError(f"device {job.device!r}: {len(kept)} usable rows of {len(used)} metrics, {job.backend!r}")
    split = len(kept) - max(int(len(kept) * _HELD_BACK), 2)
    places = positions[kept]
    scaling = fit_scaling(features[:split], places[:split])
    elapsed = np.maximum(places - places[split - 1], 0).astype(np.float64)
    z = scaling.rows(features, elapsed)
    largest = np.max(np.abs(scaling.unclipped(features, elapsed)[:, : len(used)]), axis=1)
    seed = _seed(job.device, job.version)
    judge = BACKENDS[job.backend]().fit(Fitting(z[:split], z[split:], job.trees, job.samples, seed))
    scores = np.array([judge.judge(row)[0] for row in z[split:]])
    return FittedModel(
        device=job.device,
        version=job.version,
        backend=job.backend,
        metrics=tuple(job.metrics[c] for c in used),
        scaling=scaling,
        judge=judge,
        precision=_precision(z[:split, : len(used)]),
        longest_same=np.array([_longest_same(rows[:, c]) for c in used], dtype=np.int64),
        tail=Tail.of(scores).state(),
        extremes=Tail.of(largest[split:]).state(),
        rows=rows,
        positions=positions,
        columns=job.metrics,
        end=int(places[split - 1]),
    )


def _modelled(rows: Floats) -> Ints:
    """Return the columns that are measured often enough: half as often as the one that is measured most."""
    measured = np.sum(~np.isnan(rows), axis=0)
    least = max(_LEAST_COVERAGE * measured.max(initial=0) / max(rows.shape[1], 1), _LEAST_ROWS)
    return np.flatnonzero(measured >= least)


def _precision(z: Floats) -> Floats:
    correlation = z.T @ z / len(z)
    deviations = np.sqrt(np.maximum(np.diag(correlation), 1e-9))
    correlation = correlation / np.outer(deviations, deviations)
    inverse: Floats = np.linalg.inv(correlation + _RIDGE * np.eye(len(correlation)))
    return inverse


def _longest_same(column: Floats) -> int:
    values = column[~np.isnan(column)]
    changes = np.flatnonzero(np.diff(values) != 0.0)
    return int(np.max(np.diff(np.concatenate(([-1], changes, [len(values) - 1])))))


def _seed(device: str, version: int) -> int:
    return int.from_bytes(blake2b(f"{device}\0{version}".encode(), digest_size=4).digest(), "big")
