"""Puts the explainer together."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.topics import Topics
from explainer.evidence import Describer
from explainer.incidents.circumstances import Circumstances
from explainer.incidents.site_incidents import SiteWatch
from explainer.llm.building import desk_of, provider_of
from explainer.messages.batches import Batches
from explainer.messages.dead_letters import LetterLimit
from explainer.messages.intake import Intake
from explainer.messages.orders import Orders, explaining
from explainer.messages.publishing import OutboxPublisher
from explainer.messages.reading_messages import SERVICE, MessageReader
from explainer.meters import Meters
from explainer.service import ExplainerService
from explainer.status import StatusReport, offline_status
from explainer.upkeep.building import book_side
from explainer.words.knowledge import load_knowledge
from runtime.bus import Will
from runtime.mqtt.bus import MqttBus
from storage.book import AlertBook
from storage.database import check_integrity, open_engine
from storage.migrate import migrate

if TYPE_CHECKING:
    from explainer.providers.port import Provider
    from explainer.settings import ExplainerSettings
    from runtime.bus import Bus


def build(settings: ExplainerSettings) -> ExplainerService:
    """Make the service with its broker, its database and its model."""
    return assemble(settings, connect(settings), provider_of(settings))


def connect(settings: ExplainerSettings) -> Bus:
    """Make the explainer's client of the broker."""
    topics = Topics(settings.topic_prefix)
    return MqttBus(
        settings.connection,
        client_id=f"{topics.prefix}-{SERVICE}-{settings.instance}",
        subscriptions=MessageReader(topics).subscriptions,
        will=Will(topics.service(SERVICE, settings.instance), offline_status(settings.instance)),
    )


def assemble(settings: ExplainerSettings, bus: Bus, provider: Provider | None = None) -> ExplainerService:
    """Make the service on a given bus, with a given model."""
    topics, meters = Topics(settings.topic_prefix), Meters()
    engine = open_engine(settings.database_url)
    book = AlertBook(engine)
    knowledge = load_knowledge(settings.knowledge_file)
    side = book_side(settings, book, topics, meters)
    desk = None
    if provider is not None:
        desk = desk_of(settings, provider, book=book, announcer=side.announcer, meters=meters, now=_now)

    handlers = {"explain": explaining(desk), **side.handlers}

    def prepare() -> None:
        check_integrity(engine)
        migrate(engine)

    intake = Intake(
        book=book,
        describe=Describer(knowledge),
        announcer=side.announcer,
        circumstances=Circumstances(SiteWatch(settings.site_devices)),
        limit=LetterLimit(settings.dead_letters_per_minute),
        clock=_now,
        keep_updates=settings.keep_updates,
        explain=desk is not None,
    )
    return ExplainerService(
        bus=bus,
        topics=topics,
        prepare=prepare,
        close=book.close,
        batches=Batches(MessageReader(topics), intake, meters),
        intake=intake,
        publisher=OutboxPublisher(book, bus, meters, time.monotonic),
        status=StatusReport(bus=bus, topics=topics, instance=settings.instance, meters=meters, clock=_now),
        meters=meters,
        desk=desk,
        side=side,
        orders=Orders(bus=bus, topics=topics, instance=settings.instance, handlers=handlers),
        now=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
