"""What the page knows of the plant now: devices, services, newest scores. For the web server's thread alone."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from web.ring import Ring

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.alert import Alert
    from contracts.anomaly import Model
    from contracts.service import Answer, DeviceState, DeviceStatus, Score, ServiceStatus

STATES: tuple[DeviceState, ...] = ("anomalous", "silent", "offline", "retraining", "learning", "ready")
MAX_DEVICES = 20_000
_MOST_MODELS = 20
_MOST_ANSWERS = 500


@dataclass(slots=True)
class SeenModel:
    """A model version that a device was seen to use, and since when."""

    model: Model
    since: datetime


@dataclass(slots=True)
class Device:
    """One device: what the detector says of it, its newest scores, and the metric that left its band furthest.

    `blamed` is an incident with the metric that its alert names first: it may not stand in any score.
    """

    name: str
    ring: Ring
    status: DeviceStatus | None = None
    score: Score | None = None
    models: list[SeenModel] = field(default_factory=list)
    worst: str | None = None
    blamed: tuple[str, str] | None = None

    @property
    def state(self) -> DeviceState:
        """Its state; one that only sent scores so far is taken for ready."""
        return "ready" if self.status is None else self.status.state

    @property
    def lead(self) -> str | None:
        """The metric of the small picture: the first; in trouble the one that rang, or that left its band furthest."""
        score, status = self.score, self.status
        if score is None or not score.values:
            return None
        if self.state == "anomalous" and status and self.blamed and self.blamed[0] == status.incident:
            return self.blamed[1]
        return self.worst if self.worst in score.values else next(iter(score.values))

    def look(self) -> None:
        """Note which metric is furthest from its band, and keep it while the device stays anomalous."""
        if self.state != "anomalous":
            self.worst = None
        elif self.score is not None and self.score.values:
            furthest = max(self.score.values, key=partial(distance, self.score))
            outside = distance(self.score, furthest)
            if outside > 1.0 and (self.worst is None or outside > 2 * distance(self.score, self.worst)):
                self.worst = furthest


def distance(score: Score, metric: str) -> float:
    """Tell how far a value is from its band's middle, in half widths of the band; 0 where one of them is missing."""
    value, lower, upper = score.values.get(metric), score.lower.get(metric), score.upper.get(metric)
    if value is None or lower is None or upper is None or upper <= lower:
        return 0.0
    return abs(value - (lower + upper) / 2) / ((upper - lower) / 2)


@dataclass(slots=True)
class Plant:
    """Devices by name, services by name and instance, answers to commands by id.

    Args:
        rows: scores kept of each device.
    """

    rows: int
    devices: dict[str, Device] = field(default_factory=dict)
    services: dict[tuple[str, str], ServiceStatus] = field(default_factory=dict)
    answers: OrderedDict[str, Answer] = field(default_factory=OrderedDict)
    _rates: dict[tuple[str, str], float] = field(default_factory=dict)

    def take_status(self, status: DeviceStatus) -> bool:
        """Note a device's state; tell whether it is another one than before."""
        device = self._device(status.device)
        if device is None:
            return False
        before = device.status
        device.status = status
        device.look()
        if status.model is not None and (not device.models or device.models[-1].model != status.model):
            device.models.append(SeenModel(status.model, status.since))
            del device.models[:-_MOST_MODELS]
        return before is None or (before.state, before.incident) != (status.state, status.incident)

    def take_score(self, score: Score) -> bool:
        """Note a device's newest score; tell whether it was newer than the last one."""
        device = self._device(score.device)
        if device is None or not device.ring.add(score):
            return False
        device.score = score
        device.look()
        return True

    def take_alert(self, alert: Alert) -> None:
        """Note which metric an alert names first."""
        device = self.devices.get(alert.device)
        if device is not None and alert.evidence.contributions:
            device.blamed = (alert.incident, alert.evidence.contributions[0].metric)

    def forget(self, device: str) -> None:
        """Forget a device whose state was deleted."""
        self.devices.pop(device, None)

    def take_service(self, status: ServiceStatus) -> None:
        """Note a service's state, and how fast it takes readings in."""
        key = (status.service, status.instance)
        before = self.services.get(key)
        if before is not None:
            rate = _rate(before, status)
            if rate is not None:
                self._rates[key] = rate
        if status.state == "offline":
            self._rates.pop(key, None)
        self.services[key] = status

    def take_answer(self, answer: Answer) -> None:
        """Keep a service's answer to a command; the oldest go."""
        self.answers[answer.id] = answer
        while len(self.answers) > _MOST_ANSWERS:
            self.answers.popitem(last=False)

    def counts(self) -> dict[str, int]:
        """Count the devices by state."""
        found: dict[str, int] = dict.fromkeys(STATES, 0)
        for device in self.devices.values():
            found[device.state] += 1
        return found

    def readings_per_s(self) -> float | None:
        """How many readings the detectors take in each second, None before that is known."""
        rates = [rate for (service, _), rate in self._rates.items() if service == "detector"]
        return sum(rates) if rates else None

    def counter(self, service: str, name: str) -> float:
        """Sum a counter over the instances of a service."""
        found = (status.counters or {} for (kind, _), status in self.services.items() if kind == service)
        return sum(counters.get(name, 0.0) for counters in found)

    def counters(self, service: str, name: str) -> dict[str, float]:
        """Sum a labelled counter over the instances of a service, by label."""
        found: dict[str, float] = {}
        for (kind, _), status in self.services.items():
            for key, value in (status.counters or {}).items() if kind == service else ():
                counter, _, label = key.partition(".")
                if counter == name:
                    found[label] = found.get(label, 0.0) + value
        return found

    def _device(self, name: str) -> Device | None:
        device = self.devices.get(name)
        if device is None and len(self.devices) < MAX_DEVICES:
            device = self.devices[name] = Device(name, Ring(self.rows))
        return device


def _rate(before: ServiceStatus, after: ServiceStatus) -> float | None:
    if before.at is None or after.at is None or before.counters is None or after.counters is None:
        return None
    seconds = (after.at - before.at).total_seconds()
    readings = after.counters.get("readings", 0.0) - before.counters.get("readings", 0.0)
    return readings / seconds if seconds > 0 and readings >= 0 else None
