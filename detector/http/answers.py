"""What clients get, for the OpenAPI document; answers are written as they are, not validated again."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Of any request."""

    model_config = ConfigDict(protected_namespaces=(), populate_by_name=True)


class Refusal(Answer):
    """A request that cannot be served, and why; a list where the request itself is wrong."""

    detail: str | list[dict[str, Any]]


class Contribution(Answer):
    """Of one feature; `shap_value` in units of the raw score, positive where it increases it."""

    feature: str
    value: float | None
    shap_value: float
    direction: Literal["increases", "decreases"]


class Explanation(Answer):
    """Why a row scores as it does, largest contribution first."""

    summary: str
    contributions: list[Contribution]
    details: list[str] = []
