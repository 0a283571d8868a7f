"""Settings of the explainer."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from runtime.settings import ServiceSettings


class ExplainerSettings(ServiceSettings):
    """What the explainer can be told."""

    table: ClassVar[str] = "explainer"

    database_url: str = Field(
        "sqlite:///data/alerts.db", min_length=1, description="where alerts are stored: sqlite:/// or postgresql://"
    )
    keep_updates: int = Field(1, ge=1, description="store one in so many anomalies that only update an incident")
    dead_letters_per_minute: int = Field(
        60, ge=1, description="refused messages stored of one device; more are counted"
    )
    knowledge_file: Path | None = Field(None, description="TOML file of causes and checks in place of the built-in one")
