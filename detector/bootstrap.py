"""Puts the detector together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.topics import Topics
from detector.config import DetectionConfig
from detector.fitting import FitWorker
from detector.fleet import Bounds, Fleet
from detector.intake import Intake
from detector.meters import Meters
from detector.model_shelf import ModelShelf
from detector.outgoing import Outgoing
from detector.service import DetectorService
from detector.state import StateFile
from detector.status import Announcer, offline_status
from runtime.bus import Will
from runtime.mqtt import MqttBus
from runtime.version import version

if TYPE_CHECKING:
    from detector.settings import DetectorSettings
    from runtime.bus import Bus


def build(settings: DetectorSettings) -> DetectorService:
    """Make the service with its broker and its files."""
    return assemble(settings, connect(settings))


def connect(settings: DetectorSettings) -> Bus:
    """Make the detector's client of the broker."""
    topics = Topics(settings.topic_prefix)
    return MqttBus(
        settings.connection,
        client_id=f"{topics.prefix}-detector-{settings.instance}",
        subscriptions=(topics.every("readings"), topics.receipts("detector"), f"{topics.prefix}/services/explainer/+"),
        will=Will(topics.service("detector", settings.instance), offline_status(settings.instance)),
    )


def assemble(settings: DetectorSettings, bus: Bus, fits: FitWorker | None = None) -> DetectorService:
    """Make the service on a given bus; tests bring their own `fits`."""
    topics = Topics(settings.topic_prefix)
    state = StateFile(settings.state_dir / "state.db")
    fleet = Fleet(
        state,
        detection_config(settings),
        ModelShelf(settings.state_dir / "models", settings.state_dir / "trained"),
        Bounds(settings.max_devices, settings.keep_readings, settings.keep_hours * 3600.0),
    )
    outgoing = Outgoing(bus, topics)
    fits = fits or FitWorker()
    intake = Intake(state, fleet, outgoing, fits, topics)
    announcer = Announcer(bus, topics, settings.instance, version(), with_scores=settings.publish_scores)
    return DetectorService(
        bus=bus,
        state=state,
        fleet=fleet,
        fits=fits,
        intake=intake,
        outgoing=outgoing,
        announcer=announcer,
        meters=Meters(),
    )


def detection_config(settings: DetectorSettings) -> DetectionConfig:
    """Turn settings into the configuration of detection."""
    return DetectionConfig(
        warm_up=settings.warm_up,
        false_incidents_per_day=settings.false_incidents_per_day,
        update_every=settings.update_every_s,
    )
