"""Puts the explainer together."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from contracts.topics import Topics
from explainer.announcing import Announcer
from explainer.batches import Batches
from explainer.dead_letters import LetterLimit
from explainer.evidence import Describer
from explainer.intake import Intake
from explainer.knowledge import DEFAULT_FILE, load_knowledge
from explainer.llm.applying import Prices
from explainer.llm.desk import DeskRules, ExplanationDesk
from explainer.llm.interview import Interviewer, Patience
from explainer.llm.limits import Breaker, Budget
from explainer.llm.prompt import load_template
from explainer.meters import Meters
from explainer.orders import Orders, explaining
from explainer.publishing import OutboxPublisher
from explainer.reading_messages import SERVICE, MessageReader
from explainer.service import ExplainerService
from explainer.status import StatusReport, offline_status
from runtime.bus import Will
from runtime.mqtt import MqttBus
from storage.book import AlertBook
from storage.database import check_integrity, open_engine
from storage.migrate import migrate

if TYPE_CHECKING:
    from explainer.knowledge import Knowledge
    from explainer.providers.port import Provider
    from explainer.settings import ExplainerSettings
    from runtime.bus import Bus

_LOCAL_KEY = "local"  # the SDK insists on some key, a server of one's own on none


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


def provider_of(settings: ExplainerSettings) -> Provider | None:
    """Make the model's client; without a key and without a URL there is none, and the evidence text speaks alone."""
    key = settings.llm_key(os.environ)
    if key is None and settings.llm_base_url is None:
        return None
    from explainer.providers.together import TogetherProvider  # noqa: PLC0415 - half a second that nobody else shall pay

    return TogetherProvider(model=settings.llm_model, api_key=key or _LOCAL_KEY, base_url=settings.llm_base_url)


def assemble(settings: ExplainerSettings, bus: Bus, provider: Provider | None = None) -> ExplainerService:
    """Make the service on a given bus, with a given model."""
    topics, meters = Topics(settings.topic_prefix), Meters()
    engine = open_engine(settings.database_url)
    book = AlertBook(engine)
    knowledge = load_knowledge(settings.knowledge_file or DEFAULT_FILE)
    announcer = Announcer(topics)
    desk = None
    if provider is not None:
        desk = _desk(settings, provider, book=book, knowledge=knowledge, announcer=announcer, meters=meters)

    def prepare() -> None:
        check_integrity(engine)
        migrate(engine)

    intake = Intake(
        book=book,
        describe=Describer(knowledge),
        announcer=announcer,
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
        orders=Orders(bus=bus, topics=topics, instance=settings.instance, handlers={"explain": explaining(desk)}),
        now=_now,
    )


def _desk(  # noqa: PLR0913 - what the service and its desk share
    settings: ExplainerSettings,
    provider: Provider,
    *,
    book: AlertBook,
    knowledge: Knowledge,
    announcer: Announcer,
    meters: Meters,
) -> ExplanationDesk:
    patience = Patience(request_s=settings.llm_timeout_s, attempt_s=settings.llm_deadline_s)
    template = load_template(settings.llm_template)
    return ExplanationDesk(
        book=book,
        interviewer=Interviewer(provider, template, knowledge, patience),
        announcer=announcer,
        budget=Budget(settings.llm_requests_per_hour, settings.llm_tokens_per_day),
        breaker=Breaker(settings.llm_breaker_failures, settings.llm_breaker_rest_s, time.monotonic),
        rules=DeskRules(settings.llm_concurrency, timedelta(hours=settings.llm_owed_hours)),
        prices=Prices(settings.llm_price_prompt, settings.llm_price_answer),
        meters=meters,
        now=_now,
        clock=time.monotonic,
    )


def _now() -> datetime:
    return datetime.now(UTC)
