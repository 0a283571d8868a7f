"""Everything the API needs, in one place that a request can reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

from web.api.answers import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

    from runtime.bus import Bus
    from web.gate import Gate
    from web.live.hub import Hub
    from web.plant import Plant
    from web.recent import Recent
    from web.sending import Sender
    from web.shelf import Shelf
    from web.versions import Versions


@dataclass(frozen=True, slots=True)
class Site:
    """What the page is made of."""

    plant: Plant
    hub: Hub
    shelf: Shelf
    sender: Sender
    recent: Recent
    versions: Versions
    gate: Gate
    registry: CollectorRegistry
    pipeline: Callable[[], Pipeline]
    https: bool = False


@dataclass(frozen=True, slots=True)
class PipelineView:
    """Draws up the pipeline's health from what was heard.

    Args:
        plant: what was heard.
        bus: the broker.
        shelf: the database.
    """

    plant: Plant
    bus: Bus
    shelf: Shelf

    def __call__(self) -> Pipeline:
        """Draw it up now."""
        plant = self.plant
        spent, rate = self.shelf.spent, plant.readings_per_s()
        return Pipeline(
            broker=self.bus.connected,
            database=self.shelf.works,
            devices=plant.counts(),
            readings_per_s=None if rate is None else round(rate, 1),
            anomalies=plant.counter("detector", "anomalies"),
            waiting=max(0.0, plant.counter("detector", "anomalies") - plant.counter("detector", "settled")),
            model=model_words(plant.counters("explainer", "llm_calls")),
            model_calls=spent.requests,
            model_tokens=spent.tokens,
            model_cost=round(spent.cost, 6),
            stages={name: status.state for (name, _), status in sorted(plant.services.items(), reverse=True)},
            services=[plant.services[key] for key in sorted(plant.services)],
        )


def model_words(calls: dict[str, float]) -> str:
    """Say how the language model does: `none` before the first call, `failing` when most failed, else `answers`."""
    total = sum(calls.values())
    if total == 0:
        return "none"
    return "answers" if calls.get("answered", 0.0) * 2 >= total else "failing"


def _site(request: Request) -> Site:
    return cast("Site", request.app.state.site)


SiteOf = Annotated[Site, Depends(_site)]
