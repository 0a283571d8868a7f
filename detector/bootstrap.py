"""Puts the detector together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.topics import Topics
from detector.configuration.config import DetectionConfig
from detector.configuration.device_configs import DeviceConfigs, Knowledge
from detector.fleet.fleet import Fleet
from detector.fleet.journal import Bounds
from detector.foreign.desk import ForeignDesk
from detector.http.child import HttpChild
from detector.messages.desks import Desks
from detector.messages.feedback import FeedbackDesk
from detector.messages.foreign_intake import ForeignIntake
from detector.messages.intake import Intake
from detector.messages.orders import Orders
from detector.messages.outgoing import Outgoing
from detector.messages.scoring import Scoring
from detector.meters import Meters
from detector.refits.fitting import FitWorker
from detector.refits.refits import Refits
from detector.rows.time_units import HOUR_S
from detector.service import DetectorService
from detector.status import Announcer, offline_status
from detector.stock.model_classes import ModelClasses
from detector.stock.model_shelf import ModelShelf
from detector.stock.model_stock import ModelStock
from detector.store.state import StateFile
from devices.profiles.document import ProfileError
from runtime.bus import Will
from runtime.mqtt.bus import MqttBus
from runtime.settings import SettingsError
from runtime.version import version

if TYPE_CHECKING:
    from detector.settings import DetectorSettings
    from runtime.bus import Bus

_SHARED_REFERENCE_ROWS = 512  # who has so many devices that they share has no room for long references


def build(settings: DetectorSettings) -> DetectorService:
    """Make the service with its broker and its files."""
    desk = foreign_desk(settings)
    return assemble(settings, connect(settings, desk.filters), desk=desk)


def foreign_desk(settings: DetectorSettings) -> ForeignDesk:
    """Make the desk for foreign messages.

    Raises:
        SettingsError: the profile file is wrong.
    """
    path = settings.profiles or settings.state_dir / "profiles.yaml"
    state = StateFile(settings.state_dir / "state.db")
    desk = ForeignDesk(state, path, Topics(settings.topic_prefix), optional=settings.profiles is None)
    try:
        desk.load()
    except ProfileError as error:
        raise SettingsError(str(error)) from error
    return desk


def connect(settings: DetectorSettings, foreign: tuple[str, ...] = ()) -> Bus:
    """Make the detector's client of the broker, which listens to `foreign` filters, too."""
    topics = Topics(settings.topic_prefix)
    return MqttBus(
        settings.connection,
        client_id=f"{topics.prefix}-detector-{settings.instance}",
        subscriptions=subscriptions(topics) + foreign,
        will=Will(topics.service("detector", settings.instance), offline_status(settings.instance)),
    )


def subscriptions(topics: Topics) -> tuple[str, ...]:
    """List what the detector listens to."""
    return (
        topics.every("readings"),
        topics.receipts("detector"),
        f"{topics.prefix}/services/explainer/+",
        topics.every("feedback"),
        topics.commands("detector"),
    )


def assemble(
    settings: DetectorSettings, bus: Bus, fits: FitWorker | None = None, desk: ForeignDesk | None = None
) -> DetectorService:
    """Make the service on a given bus; tests bring their own `fits`."""
    topics = Topics(settings.topic_prefix)
    desk = desk or foreign_desk(settings)
    state = desk.state
    shelf = ModelShelf(settings.state_dir / "models", settings.state_dir / "trained")
    config, every = detection_config(settings), settings.retrain_interval_hours * HOUR_S or None
    classes = ModelClasses(settings.share_models_by, config.growth, every)
    stock = ModelStock(state, shelf, settings.keep_models, classes)
    bounds = Bounds(settings.max_devices, settings.keep_readings, settings.keep_hours * HOUR_S)
    knowledge = Knowledge(settings.maintenance, settings.ranges, settings.off)
    fleet = Fleet(state, DeviceConfigs(config, knowledge), stock, bounds)
    outgoing = Outgoing(bus, topics)
    fits = fits or FitWorker()
    fits.keep = stock.write
    refits = Refits(fleet, stock, fits, every)
    desks = Desks(refits, Orders(state, fleet, stock, refits), FeedbackDesk(state, fleet))
    scoring = Scoring(state, fleet, outgoing, desks)
    intake = Intake(scoring, outgoing, desks, topics, ForeignIntake(desk, fleet))
    announcer = Announcer(bus, topics, settings.instance, version(), with_scores=settings.publish_scores)
    return DetectorService(
        bus=bus,
        state=state,
        fleet=fleet,
        fits=fits,
        desks=desks,
        intake=intake,
        outgoing=outgoing,
        announcer=announcer,
        meters=Meters(),
        http=HttpChild(settings),
        subscriptions=subscriptions(topics),
    )


def detection_config(settings: DetectorSettings) -> DetectionConfig:
    """Turn settings into the configuration of detection."""
    bare = DetectionConfig()
    return DetectionConfig(
        reference_rows=_SHARED_REFERENCE_ROWS if settings.share_models_by else bare.reference_rows,
        backend=settings.backend,
        warm_up=settings.warm_up,
        false_incidents_per_day=settings.false_incidents_per_day,
        update_every=settings.update_every_s,
        recurring_days=settings.recurring_days,
    )
