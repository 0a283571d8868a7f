"""What the detector says of itself and of its devices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.codec import encode
from contracts.service import DeviceStatus, Score, ServiceStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.service import Answer, DeviceState, ServiceNotice
    from contracts.topics import Topics
    from detector.device.tracked import Tracked
    from runtime.bus import Bus

_SCORE_EVERY_S = 1.0
_LEARNING_EVERY_S = 5.0


class Announcer:
    """Publishes device states when they change, scores at most once a second, and the service's own state.

    Args:
        bus: to publish on.
        topics: names.
        instance: which copy of the detector this is.
        version: of Tocsin.
        with_scores: whether scores are wanted.
    """

    def __init__(self, bus: Bus, topics: Topics, instance: str, version: str, *, with_scores: bool) -> None:
        self._bus = bus
        self._topics = topics
        self._instance = instance
        self._version = version
        self._with_scores = with_scores
        self._since = datetime.now(UTC)
        self._said: dict[str, tuple[object, ...]] = {}
        self._said_at: dict[str, float] = {}
        self._scored_at: dict[str, float] = {}
        self._state_since: dict[str, tuple[str, datetime]] = {}

    def forget(self) -> None:
        """Say everything again, after a reconnection: the broker may have lost it."""
        self._said.clear()

    def online(
        self, position: Mapping[str, int], counters: Mapping[str, float], notices: tuple[ServiceNotice, ...] = ()
    ) -> None:
        """Say that the detector is here and how far it has come."""
        status = ServiceStatus(
            service="detector",
            instance=self._instance,
            state="online",
            version=self._version,
            since=self._since,
            at=datetime.now(UTC),
            position=dict(position),
            counters=dict(counters),
            notices=notices,
        )
        self._bus.publish(self._topics.service("detector", self._instance), encode(status), retain=True)

    def offline(self) -> None:
        """Say that the detector goes."""
        topic = self._topics.service("detector", self._instance)
        self._bus.publish(topic, offline_status(self._instance), retain=True)

    def answer(self, answer: Answer) -> None:
        """Answer a command or feedback."""
        self._bus.publish(self._topics.answers("detector", self._instance), encode(answer))

    def device(self, tracked: Tracked, now: float) -> None:
        """Publish a device's state if it is news, and its newest score if it is time."""
        self._state(tracked, now)
        if self._with_scores and now - self._scored_at.get(tracked.name, 0.0) >= _SCORE_EVERY_S:
            self._scored_at[tracked.name] = now
            self._score(tracked)

    def _state(self, tracked: Tracked, now: float) -> None:
        detector = tracked.detector
        state = _state_of(tracked)
        news = (state, detector.incident, detector.model, detector.maintenance, detector.quieted, detector.recurring)
        known = self._said.get(tracked.name)
        learning = state == "learning" and now - self._said_at.get(tracked.name, 0.0) >= _LEARNING_EVERY_S
        if known == news and not learning:
            return
        self._said[tracked.name] = news
        self._said_at[tracked.name] = now
        status = DeviceStatus(
            device=tracked.name,
            state=state,
            since=self._state_began(tracked.name, state),
            readings=tracked.readings,
            learned=detector.learned,
            needed=detector.needed,
            metrics=detector.metrics,
            units=detector.units,
            last_reading_at=tracked.newest_at,
            incident=detector.incident,
            model=detector.model,
            quieted=detector.quieted,
            recurring=detector.recurring,
            maintenance=detector.maintenance,
        )
        self._bus.publish(self._topics.device(tracked.name), encode(status), retain=True)

    def _state_began(self, name: str, state: DeviceState) -> datetime:
        known = self._state_since.get(name)
        if known is None or known[0] != state:
            known = self._state_since[name] = (state, datetime.now(UTC))
        return known[1]

    def _score(self, tracked: Tracked) -> None:
        expectation = tracked.detector.expectation()
        if expectation is None:
            return
        score = Score(
            device=tracked.name,
            measured_at=expectation.measured_at,
            score=expectation.score,
            values=expectation.values,
            expected=expectation.expected,
            lower=expectation.lower,
            upper=expectation.upper,
        )
        self._bus.publish(self._topics.scores(tracked.name), encode(score), qos=0)


def _state_of(tracked: Tracked) -> DeviceState:
    """Return what a device is doing; a new model in the making is told while nothing else is to be told."""
    state = tracked.detector.state
    return "retraining" if state == "ready" and tracked.fitting else state


def offline_status(instance: str) -> bytes:
    """Write the detector's will."""
    return encode(ServiceStatus(service="detector", instance=instance, state="offline"))
