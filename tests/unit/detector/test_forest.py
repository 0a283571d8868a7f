from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest

from detector.models.forest import flatten


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    rows=st.integers(2, 300),
    columns=st.integers(1, 12),
    trees=st.integers(1, 40),
    contamination=st.sampled_from(["auto", 0.01, 0.1, 0.4]),
    some_columns=st.booleans(),
)
def test_flat_forest_equals_decision_function(  # noqa: PLR0913 - what a forest depends on
    seed: int, rows: int, columns: int, trees: int, contamination: str | float, *, some_columns: bool
) -> None:
    """The kernel's decision equals scikit-learn's decision_function to 1e-12, inside and far outside of the rows."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(rows, columns)).astype(np.float32)
    forest = IsolationForest(
        n_estimators=trees,
        contamination=contamination,
        random_state=seed,
        max_features=0.6 if some_columns else 1.0,
        max_samples=min(64, rows),
    ).fit(table)
    probes = np.concatenate([table[:20], rng.normal(size=(20, columns)) * 10.0 ** rng.integers(-3, 30)])
    expected = forest.decision_function(probes.astype(np.float32))
    flat = flatten(forest)
    assert np.max(np.abs(np.array([flat.decision(row) for row in probes]) - expected)) <= 1e-12
