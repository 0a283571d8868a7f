"""The configuration of each device: what is common to all, its share of the budget, and what people know of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from detector.configuration.context import OffRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.configuration.config import DetectionConfig
    from detector.configuration.context_settings import MaintenanceRule, OffSetting, RangeRule

_ROOM_FOR_MORE = 1.1


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What people know of their devices, by pattern."""

    maintenance: Sequence[MaintenanceRule] = ()
    ranges: Sequence[RangeRule] = ()
    off: Sequence[OffSetting] = ()

    def of(self, device: str, config: DetectionConfig) -> DetectionConfig:
        """Return the configuration of a device; of two ranges of one metric the later counts."""
        windows = tuple(rule.window() for rule in self.maintenance if rule.fits(device))
        ranges = {rule.metric: (rule.low, rule.high) for rule in self.ranges if rule.fits(device)}
        off = tuple(OffRule(rule.metric, rule.below) for rule in self.off if rule.fits(device))
        if not (windows or ranges or off):
            return config
        return replace(
            config,
            maintenance=(*config.maintenance, *windows),
            ranges={**config.ranges, **ranges},
            off=(*config.off, *off),
        )


class DeviceConfigs:
    """Divides the site's budget of false incidents among its devices, with room for some more of them.

    A share only ever shrinks: what opened no incident at a larger one opens none at a smaller one, so readings that are
    seen again after a kill open nothing that was not opened before.

    Args:
        site: for all devices; its budget is that of the whole site.
        knowledge: of single devices.
    """

    def __init__(self, site: DetectionConfig, knowledge: Knowledge) -> None:
        self._site = site
        self._shared = site
        self._knowledge = knowledge
        self._among = 0

    def of(self, device: str) -> DetectionConfig:
        """Return the configuration of a device."""
        return self._knowledge.of(device, self._shared)

    def share_among(self, devices: int) -> bool:
        """Divide the budget among so many devices; tell whether the shares have changed."""
        if devices <= self._among:
            return False
        self._among = ceil(devices * _ROOM_FOR_MORE)
        share = self._site.false_incidents_per_day / self._among
        self._shared = replace(self._site, false_incidents_per_day=share)
        return True
