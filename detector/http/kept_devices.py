"""What the detector keeps of its devices, read from beside it: readings, models, a view of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detector.http.chart import chart
from detector.http.errors import RequestError
from detector.http.projection import projection
from detector.models.model_files import ModelFileError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from detector.http.kept_models import KeptModels
    from detector.store.recent_readings import RecentDevice, RecentReadings

_MOST_ODD = 300


class KeptDevices:
    """Asks the detector's files; never writes them.

    Args:
        state: the detector's state file; there are no devices before the detector has made it.
        readings: the ring of recent readings in it.
        models: the detector's model files.
    """

    def __init__(self, state: Path, readings: RecentReadings, models: KeptModels) -> None:
        self._state = state
        self._readings = readings
        self._models = models

    def all(self) -> list[dict[str, Any]]:
        """Return every device, by name."""
        known = self._known()
        versions = self._models.versions_in_use() if known else {}
        return [
            {
                "device": device.name,
                "readings": device.readings,
                "newest_at": None if device.newest_at is None else device.newest_at.isoformat(),
                "model_version": versions.get(device.name, 0),
            }
            for device in known
        ]

    def readings(self, device: str, since: datetime | None, until: datetime | None, points: int) -> dict[str, Any]:
        """Return a device's readings, thinned to about `points`.

        Raises:
            RequestError: there is no such device.
        """
        self._check(device)
        rows = self._readings.window(device, since, until)
        return {"device": device, **chart(rows, points)}

    def models(self, device: str) -> dict[str, Any]:
        """Return a device's models, newest first.

        Raises:
            RequestError: there is no such device.
        """
        self._check(device)
        return {"device": device, "models": self._models.of(device)}

    def projection(self, device: str, since: datetime | None) -> dict[str, Any]:
        """Return the reference of the model in use and the newest anomalous rows, in two dimensions.

        Raises:
            RequestError: there is no such device, or it has no model yet.
        """
        self._check(device)
        try:
            model = self._models.in_use(device)
        except ModelFileError as error:
            raise RequestError(409, f"the model is refused: {error}") from error
        if model is None:
            raise RequestError(409, f"device {device[:100]!r} is still learning: it has no model yet")
        odd = [row for row in self._readings.window(device, since) if row.alarm][-_MOST_ODD:]
        return {"device": device, "version": model.version, **projection(model, odd)}

    def _known(self) -> list[RecentDevice]:
        return self._readings.devices() if self._state.exists() else []

    def _check(self, device: str) -> None:
        if all(known.name != device for known in self._known()):
            raise RequestError(404, f"no device {device[:100]!r}")
