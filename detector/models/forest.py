"""Isolation forest: grown by scikit-learn, laid out in flat arrays, walked by a compiled kernel.

Source: Liu, Ting, Zhou, "Isolation Forest", ICDM 2008, in scikit-learn's form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike
    from sklearn.ensemble import IsolationForest

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class FlatForest:
    """Trees one behind the other, node by node.

    Attributes:
        roots: (trees,) position of each tree's root.
        feature: (nodes,) column that the node cuts; -1 at a leaf.
        threshold: (nodes,) rows with a value up to it go left; at a leaf, the path length that the leaf stands for.
        left, right: (nodes,) positions of the children.
        scale: trees times the average path length of a tree's sample, what path lengths are measured in.
        offset: scikit-learn's `offset_`; decision = score - offset.
    """

    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    scale: float
    offset: float

    def decision(self, row: ArrayLike) -> float:
        """Return scikit-learn's decision_function of one row (F,); lower is more abnormal, below 0 an outlier."""
        values = np.ascontiguousarray(row, dtype=np.float64)
        return float(walk(values, self.roots, self.feature, self.threshold, self.left, self.right, self.scale)) - (
            self.offset
        )


def grow(rows: Floats, *, trees: int, samples: int, seed: int, contamination: float | str = "auto") -> FlatForest:
    """Grow a forest on rows (n, F), finite and within float32."""
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415 - slow to import, and only a fit needs it

    forest = IsolationForest(
        n_estimators=trees, max_samples=min(samples, len(rows)), contamination=contamination, random_state=seed
    )
    return flatten(forest.fit(rows.astype(np.float32)))


def flatten(forest: IsolationForest) -> FlatForest:
    """Lay a fitted scikit-learn forest out in flat arrays."""
    from sklearn.ensemble._iforest import _average_path_length  # noqa: PLC0415 - as in `grow`

    trees = [estimator.tree_ for estimator in forest.estimators_]
    sizes = [tree.node_count for tree in trees]
    roots = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
    columns = zip(trees, forest.estimators_features_, strict=True)
    scale = len(trees) * float(_average_path_length([forest._max_samples])[0])  # noqa: SLF001 - has no public name
    return FlatForest(
        roots=roots,
        feature=np.concatenate([_features(tree, names) for tree, names in columns]),
        threshold=np.concatenate([_thresholds(tree, _average_path_length) for tree in trees]),
        left=np.concatenate([tree.children_left + root for tree, root in zip(trees, roots, strict=True)]).astype(
            np.int32
        ),
        right=np.concatenate([tree.children_right + root for tree, root in zip(trees, roots, strict=True)]).astype(
            np.int32
        ),
        scale=scale,
        offset=float(forest.offset_),
    )


def _features(tree: object, columns: NDArray[np.int64]) -> Ints:
    feature: NDArray[np.int64] = tree.feature  # type: ignore[attr-defined] # scikit-learn has no stubs
    return np.where(feature >= 0, columns[np.maximum(feature, 0)], -1).astype(np.int32)


def _thresholds(tree: object, average_path_length: Callable[[Any], Floats]) -> Floats:
    nodes: Any = tree  # scikit-learn has no stubs
    path = nodes.compute_node_depths() - 1.0 + average_path_length(nodes.n_node_samples)
    thresholds: Floats = np.where(nodes.children_left < 0, path, nodes.threshold)
    return thresholds


@njit(cache=True)
def walk(  # noqa: PLR0913, PLR0917 - compiled code takes flat arrays
    row: Floats, roots: Ints, feature: Ints, threshold: Floats, left: Ints, right: Ints, scale: float
) -> float:  # pragma: no cover - compiled
    """Return scikit-learn's score_samples of one row: minus 2 to the power of minus (path length / scale)."""
    total = 0.0
    for root in roots:
        node = root
        column = feature[node]
        while column >= 0:
            # scikit-learn reads rows as float32 and cuts in float64
            node = left[node] if np.float64(np.float32(row[column])) <= threshold[node] else right[node]
            column = feature[node]
        total += threshold[node]
    return -(2.0 ** (-total / scale)) if scale > 0.0 else -1.0
