"""Devices as they were saved, each with its model, or with the best that is left of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.device.device import DeviceDetector, SnapshotError
from detector.device.tracked import Tracked
from detector.models.model_files import ModelFileError
from runtime.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detector.configuration.config import DetectionConfig
    from detector.configuration.device_configs import DeviceConfigs
    from detector.stock.model_stock import ModelStock
    from detector.store.state import SavedDevice, StateFile

_log = get_logger("detector.fleet.recovery")


class Recovery:
    """Rebuilds devices from snapshots and model files; what is damaged costs no more than itself.

    Args:
        state: an open state file.
        configs: of detection, by device.
        stock: the fitted models.
    """

    def __init__(self, state: StateFile, configs: DeviceConfigs, stock: ModelStock) -> None:
        self._state = state
        self._configs = configs
        self._stock = stock

    def devices(self) -> Iterator[Tracked]:
        """Restore all devices; they have not seen again what came after their snapshots."""
        fitted_at = self._state.models.fitted_at()
        for saved in self._state.devices():
            at = fitted_at.get((saved.number, saved.model_version), 0.0)
            detector = self._detector_of(saved, at)
            tracked = Tracked(saved.number, saved.name, detector, saved.position, pinned=saved.pinned)
            tracked.fitted_at = fitted_at.get((saved.number, tracked.version), 0.0)
            yield tracked

    def _detector_of(self, saved: SavedDevice, fitted_at: float) -> DeviceDetector:
        config = self._configs.of(saved.name)
        if saved.snapshot is None:
            return DeviceDetector(saved.name, config)
        try:
            model = self._stock.saved(saved.name, saved.model_version, fitted_at)
            return DeviceDetector.restore(saved.name, config, saved.snapshot, model)
        except ModelFileError as error:
            return self._revived(saved, saved.snapshot, config, error)
        except SnapshotError as error:
            _log.error("saved state refused; the device is learned anew", device=saved.name, reason=str(error))
            return DeviceDetector(saved.name, config)

    def _revived(
        self, saved: SavedDevice, snapshot: bytes, config: DetectionConfig, error: ModelFileError
    ) -> DeviceDetector:
        """Go on with the last good model of a device whose own was refused."""
        model = self._stock.last_good(saved.number, saved.name, but=saved.model_version)
        goes_on = "the device is learned anew" if model is None else f"goes on with version {model.version}"
        _log.error(f"model refused; {goes_on}", device=saved.name, reason=str(error))
        try:
            return DeviceDetector.revive(saved.name, config, snapshot, model)
        except SnapshotError as damaged:
            _log.error("saved state refused, too", device=saved.name, reason=str(damaged))
            return DeviceDetector(saved.name, config)
