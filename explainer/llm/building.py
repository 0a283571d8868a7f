"""Puts together what asks models."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from explainer.llm.desk import DeskRules, ExplanationDesk
from explainer.llm.interview import Interviewer, Patience
from explainer.llm.ledger import Ledger
from explainer.llm.limits import Breaker, Budget
from explainer.llm.prices import load_prices
from explainer.llm.prompt import load_template
from explainer.llm.questions import Questions
from explainer.site_notes import load_site
from explainer.words.knowledge import load_knowledge

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from explainer.llm.prices import Prices
    from explainer.messages.announcing import Announcer
    from explainer.meters import Meters
    from explainer.providers.port import Provider
    from explainer.settings import ExplainerSettings
    from storage.book import AlertBook

_LOCAL_KEY = "local"  # the SDK insists on some key, a server of one's own on none


def provider_of(settings: ExplainerSettings, model: str | None = None) -> Provider | None:
    """Make the model's client; without a key and without a URL there is none, and the evidence text speaks alone."""
    key = settings.llm_key(os.environ)
    if key is None and settings.llm_base_url is None:
        return None
    from explainer.providers.together import TogetherProvider  # noqa: PLC0415 - half a second that nobody else shall pay

    return TogetherProvider(
        model=model or settings.llm_model, api_key=key or _LOCAL_KEY, base_url=settings.llm_base_url
    )


def interviewer_of(settings: ExplainerSettings, provider: Provider, template: str | None = None) -> Interviewer:
    """Make what asks a model and checks its answers."""
    knowledge = load_knowledge(settings.knowledge_file)
    patience = Patience(request_s=settings.llm_timeout_s, attempt_s=settings.llm_deadline_s)
    words = load_template(template or settings.llm_template)
    return Interviewer(
        provider, words, knowledge, patience, masks=settings.llm_mask_names, short=settings.llm_short_answers
    )


def questions_of(settings: ExplainerSettings, interviewer: Interviewer) -> Questions:
    """Make what knows the questions asked."""
    return Questions(
        knowledge=load_knowledge(settings.knowledge_file),
        notes=load_site(settings.site_file),
        asked=(interviewer.provider.model, interviewer.template.name),
        remembered_for=timedelta(days=settings.llm_cache_days),
    )


def prices_of(settings: ExplainerSettings, model: str) -> Prices:
    """Return what a model's tokens cost."""
    table = load_prices(settings.llm_prices_file)
    return table.of(model, settings.llm_price_prompt, settings.llm_price_answer)


def desk_of(  # noqa: PLR0913 - what the service and its desk share
    settings: ExplainerSettings,
    provider: Provider,
    *,
    book: AlertBook,
    announcer: Announcer,
    meters: Meters,
    now: Callable[[], datetime],
) -> ExplanationDesk:
    """Make the desk that works off what is owed."""
    interviewer = interviewer_of(settings, provider)
    questions = questions_of(settings, interviewer)
    ledger = Ledger(
        book=book,
        announcer=announcer,
        interviewer=interviewer,
        questions=questions,
        prices=prices_of(settings, provider.model),
        meters=meters,
        now=now,
    )
    watched = timedelta(seconds=settings.llm_wait_s)
    return ExplanationDesk(
        book=book,
        interviewer=interviewer,
        questions=questions,
        ledger=ledger,
        budget=Budget(settings.llm_requests_per_hour, settings.llm_tokens_per_day, settings.llm_money_per_day),
        breaker=Breaker(settings.llm_breaker_failures, settings.llm_breaker_rest_s, time.monotonic),
        rules=DeskRules(settings.llm_concurrency, watched, timedelta(hours=settings.llm_owed_hours)),
        meters=meters,
        now=now,
        clock=time.monotonic,
    )
