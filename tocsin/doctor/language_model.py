"""Asks the language model one short question, where one is configured."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from explainer.errors import ProviderError
from explainer.llm.building import provider_of
from explainer.providers.port import Line, Question
from explainer.settings import ExplainerSettings
from runtime.settings import SettingsError, load_settings
from tocsin.doctor.finding import Finding, bad, good, skipped

if TYPE_CHECKING:
    from explainer.providers.port import Provider

_NAME = "language model"
_QUESTION = Question(
    lines=(Line("user", 'Answer with the JSON object {"ready": true} and nothing else.'),),
    schema={
        "type": "object",
        "properties": {"ready": {"type": "boolean"}},
        "required": ["ready"],
        "additionalProperties": False,
    },
    max_tokens=20,
)


def language_model() -> Finding:
    """Ask the model that the explainer would ask."""
    try:
        settings = load_settings(ExplainerSettings)
    except SettingsError as error:
        return bad(_NAME, str(error), "correct the settings")
    provider = provider_of(settings)
    if provider is None:
        return skipped(
            _NAME,
            "none is configured: alerts are explained from evidence",
            "set TOGETHER_API_KEY or TOCSIN_LLM_BASE_URL",
        )
    return _asked(settings, provider)


def _asked(settings: ExplainerSettings, provider: Provider) -> Finding:
    where = settings.llm_base_url or "Together AI"
    started = time.monotonic()
    try:
        provider.ask(_QUESTION, settings.llm_timeout_s)
    except ProviderError as error:
        return bad(_NAME, f"{settings.llm_model} at {where}: {error}", _remedy(str(error)))
    return good(_NAME, f"{settings.llm_model} at {where} answered in {time.monotonic() - started:.1f} s")


def _remedy(problem: str) -> str:
    if any(status in problem for status in ("401", "403")):
        return "the key is not accepted: TOGETHER_API_KEY, or TOCSIN_LLM_API_KEY"
    if "404" in problem or "400" in problem:
        return "is the model's name right? TOCSIN_LLM_MODEL; the URL goes without /v1: TOCSIN_LLM_BASE_URL"
    if "429" in problem:
        return "the account's limit is reached; alerts are explained from evidence until it is over"
    return "is the server there? TOCSIN_LLM_BASE_URL; alerts are explained from evidence meanwhile"
