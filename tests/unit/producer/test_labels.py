from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.producer.files import read, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name", ["anomaly", "is_anomaly", "Label", "changepoint", "Normal/Attack", "ground truth", "outlier"]
)
def test_ground_truth_by_name(tmp_path: Path, name: str) -> None:
    """Columns of ground truth never reach a reading."""
    items, recording = read(written(tmp_path, f"time,a,{name}\n2026-01-01,1,0\n2026-01-02,2,1\n"))
    assert [set(item.reading.values) for item in items] == [{"a"}, {"a"}]
    assert b"nomal" not in items[1].payload
    assert recording.layout.labels == (name.strip(),)
    assert [item.truth is not None and item.truth.anomalous for item in items] == [False, True]


@pytest.mark.parametrize("name", ["target", "Störung"])
def test_names_that_may_be_metrics(tmp_path: Path, name: str) -> None:
    """A column called target is ground truth when it holds two values, and a metric when it holds measurements."""
    _, two = read(written(tmp_path, f"time,a,{name}\n2026-01-01,1,0\n2026-01-02,2,1\n"))
    assert two.layout.labels == (name,)
    _, many = read(written(tmp_path, f"time,a,{name}\n2026-01-01,1,20.5\n2026-01-02,2,21\n"))
    assert many.layout.metrics == ("a", name)


def test_labels_that_are_named(tmp_path: Path) -> None:
    """Any column can be named as ground truth; words other than the healthy ones are abnormal."""
    text = "time,a,phase\n2026-01-01,1,normal\n2026-01-02,2,BROKEN\n2026-01-03,2,\n"
    items, _ = read(written(tmp_path, text), labels=("phase",))
    assert [item.truth and (item.truth.anomalous, item.truth.columns) for item in items] == [
        None,
        (True, {"phase": "BROKEN"}),
        None,
    ]


def test_a_change_point_alone_is_no_state(tmp_path: Path) -> None:
    """Beside a column of states a change point does not call its row abnormal; alone it does."""
    text = "time,a,anomaly,changepoint\n2026-01-01,1,0,1\n2026-01-02,2,1,0\n"
    items, _ = read(written(tmp_path, text))
    assert [item.truth and item.truth.anomalous for item in items] == [False, True]
    alone, _ = read(written(tmp_path, "time,a,changepoint\n2026-01-01,1,0\n2026-01-02,2,1\n"))
    assert [item.truth is not None and item.truth.anomalous for item in alone] == [False, True]
