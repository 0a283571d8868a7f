"""What is answered about devices, for the OpenAPI document."""

from __future__ import annotations

from detector.http.answers import Answer

Column = list[float | None]


class Device(Answer):
    """A device; `model_version` is 0 while it learns."""

    device: str
    readings: int
    newest_at: str | None
    model_version: int


class DeviceList(Answer):
    """All devices."""

    data: list[Device]
    total: int


class Readings(Answer):
    """Columns of equal length, for a chart.

    `rows` readings stand behind them; `thinned` ones come in pairs of lowest and highest. Times are epoch seconds.
    """

    device: str
    rows: int
    thinned: bool
    metrics: list[str]
    times: list[float]
    values: dict[str, Column]
    score: Column
    alarm: list[bool]
    expected: dict[str, Column]
    lower: dict[str, Column]
    upper: dict[str, Column]


class ModelVersion(Answer):
    """One version of a device's model: fitted on `rows`, which stand for `learned` ones, of so many metrics."""

    version: int
    fitted_at: str
    rows: int
    learned: int
    backend: str
    metrics: int
    reason: str
    active: bool


class ModelVersions(Answer):
    """All versions that are kept."""

    device: str
    models: list[ModelVersion]


class AnomalousPoint(Answer):
    """A recent anomalous row; `at` in epoch seconds."""

    at: float
    x: float
    y: float
    score: float | None


class Projection(Answer):
    """Normal rows and anomalous ones on two principal directions of the reference, in deviations."""

    device: str
    version: int
    metrics: list[str]
    axes: list[list[float]]
    explained: list[float]
    normal: list[list[float]]
    anomalous: list[AnomalousPoint]
