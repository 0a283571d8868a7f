"""Settings of the explainer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from explainer.book_settings import BookSettings
from explainer.llm.prices import load_prices
from explainer.llm.prompt import load_template
from explainer.site_notes import load_site
from explainer.words.knowledge import load_knowledge
from runtime.settings import secret_from

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_VARIABLE = "TOGETHER_API_KEY"


class ExplainerSettings(BookSettings):
    """What the explainer can be told."""

    table: ClassVar[str] = "explainer"

    keep_updates: int = Field(1, ge=1, description="store one in so many anomalies that only update an incident")
    dead_letters_per_minute: int = Field(
        60, ge=1, description="refused messages stored of one device; more are counted"
    )
    knowledge_file: Path | None = Field(None, description="TOML file of causes and checks in place of the built-in one")

    llm_base_url: str | None = Field(
        None,
        pattern="^https?://",
        description="OpenAI-compatible server to ask, without /v1; none: Together, given a key",
    )
    llm_model: str = Field("meta-llama/Llama-3.3-70B-Instruct-Turbo", min_length=1, description="model to ask")
    llm_api_key: SecretStr | None = Field(None, description=f"key of the account; {KEY_VARIABLE} does as well")
    llm_api_key_file: Path | None = Field(None, description="file that holds the key")
    llm_template: str = Field(
        "engineer", min_length=1, description="prompt: engineer, brief, root-cause, home, small, or the path of a file"
    )
    llm_timeout_s: float = Field(30.0, gt=0, le=600, description="longest time of one request")
    llm_deadline_s: float = Field(90.0, gt=0, le=3600, description="longest time of one explanation, repeats included")
    llm_concurrency: int = Field(2, ge=1, le=32, description="explanations fetched at once")
    llm_requests_per_hour: int = Field(60, ge=0, description="requests in any hour at most")
    llm_tokens_per_day: int = Field(200_000, ge=0, description="tokens in any 24 hours at most")
    llm_money_per_day: float = Field(
        0.0, ge=0, description="money in any 24 hours at most, by the price table; 0: no bound"
    )
    llm_wait_s: float = Field(
        5.0, ge=0, description="how long an incident is watched before a model is asked: it may be part of a larger one"
    )
    llm_cache_days: float = Field(
        30.0, ge=0, description="how long an answer is used again for incidents of the same kind; 0: never"
    )
    llm_mask_names: bool = Field(default=False, description="send aliases in place of the names of devices and metrics")
    llm_short_answers: bool = Field(default=False, description="hold the model to few words, for a very small one")
    site_devices: int = Field(
        5, ge=2, description="so many devices that fail in the same minute are one incident of the site"
    )
    site_file: Path | None = Field(
        None, description="TOML file of notes per class of devices, which go into the prompt"
    )
    llm_prices_file: Path | None = Field(None, description="TOML file of prices in place of the built-in one")
    llm_owed_hours: float = Field(24.0, gt=0, description="how long an explanation stays owed while none can be had")
    llm_breaker_failures: int = Field(5, ge=1, description="failed explanations in a row until asking rests")
    llm_breaker_rest_s: float = Field(60.0, gt=0, description="how long it rests before one is tried again")
    llm_price_prompt: float | None = Field(
        None, ge=0, description="price of a million prompt tokens, in place of the price table's"
    )
    llm_price_answer: float | None = Field(None, ge=0, description="price of a million answer tokens, likewise")

    @field_validator("knowledge_file")
    @classmethod
    def _texts_are_right(cls, path: Path | None) -> Path | None:
        load_knowledge(path)
        return path

    @field_validator("llm_template")
    @classmethod
    def _template_is_right(cls, name: str) -> str:
        load_template(name)
        return name

    @field_validator("site_file")
    @classmethod
    def _notes_are_right(cls, path: Path | None) -> Path | None:
        load_site(path)
        return path

    @field_validator("llm_prices_file")
    @classmethod
    def _prices_are_right(cls, path: Path | None) -> Path | None:
        load_prices(path)
        return path

    @model_validator(mode="after")
    def _key_file_is_private(self) -> Self:
        if self.llm_api_key_file is not None:
            secret_from(self.llm_api_key_file)
        return self

    def llm_key(self, environment: Mapping[str, str]) -> str | None:
        """Return the account's key: from the file, the setting or the SDK's own variable, in this order."""
        if self.llm_api_key_file is not None:
            return secret_from(self.llm_api_key_file)
        if self.llm_api_key is not None:
            return self.llm_api_key.get_secret_value()
        return environment.get(KEY_VARIABLE) or None
