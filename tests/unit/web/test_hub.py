from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.storage.alert_records import record
from tests.web_site import score_of
from web.live.hub import Hub, TooManyViewersError
from web.plant import Plant

if TYPE_CHECKING:
    from contracts.alert import Alert
    from web.live.hub import Viewer


def hub(limit: int = 10) -> tuple[Plant, Hub]:
    plant = Plant(100)
    return plant, Hub(plant, limit, lambda: {"fine": True})


def heard(viewer: Viewer) -> list[tuple[str, object]]:
    events = b"".join(viewer.waiting).decode().split("\n\n")
    viewer.waiting.clear()
    pairs = (event.split("\n") for event in events if event.startswith("event: "))
    return [(name.removeprefix("event: "), json.loads(body.removeprefix("data: "))) for name, body in pairs]


def score(plant: Plant, hub: Hub, device: str, second: float) -> None:
    said = score_of(device, second, t=second)
    if plant.take_score(said):
        hub.score(said)


def test_a_page_hears_of_the_devices_it_shows_once_a_tick() -> None:
    """However many scores come in a second, each tile is sent once, and only to pages that show it."""
    plant, live = hub()
    mine, other = live.enter(frozenset({"a"}), None), live.enter(frozenset({"b"}), None)
    heard(mine), heard(other)
    for second in range(5):
        score(plant, live, "a", second)
    live.tick()
    (name, tiles), *_ = heard(mine)
    assert name == "tiles"
    assert [tile["value"] for tile in tiles] == [4.0]  # type: ignore[attr-defined]
    assert heard(other) == []


def test_a_page_that_looks_at_one_device_hears_every_score_at_once() -> None:
    """The live chart does not wait for a tick."""
    plant, live = hub()
    viewer = live.enter(frozenset(), "a")
    heard(viewer)
    score(plant, live, "a", 1)
    score(plant, live, "b", 1)
    score(plant, live, "a", 2)
    assert [name for name, _ in heard(viewer)] == ["score", "score"]


def test_every_page_hears_of_every_alert() -> None:
    """An alert reaches all pages, whatever they show, as it stands on the bus."""
    _, live = hub()
    viewers = [live.enter(frozenset(), None) for _ in range(3)]
    alert: Alert = record().alert
    for viewer in viewers:
        heard(viewer)
    live.alert(alert)
    assert [[(name, body["incident"]) for name, body in heard(viewer)] for viewer in viewers] == [  # type: ignore[index]
        [("alert", alert.incident)]
    ] * 3


def test_a_page_that_does_not_read_loses_scores_first_and_then_its_connection() -> None:
    """A stuck reader holds no memory without end."""
    plant, live = hub()
    viewer = live.enter(frozenset(), "a")
    for second in range(1000):
        score(plant, live, "a", second)
    assert len(viewer.waiting) < 50
    assert not viewer.closed
    for _ in range(1000):
        live.alert(record().alert)
    assert viewer.closed
    assert len(viewer.waiting) <= 512


def test_one_page_too_many_is_refused() -> None:
    """The number of open pages is bounded, and a page that went makes room."""
    _, live = hub(limit=1)
    viewer = live.enter(frozenset(), None)
    with pytest.raises(TooManyViewersError):
        live.enter(frozenset(), None)

    async def leave() -> None:
        events = live.events(viewer)
        await anext(events)
        await events.aclose()  # type: ignore[attr-defined]

    asyncio.run(leave())
    live.enter(frozenset(), None)


def test_the_end_of_the_server_ends_every_stream() -> None:
    """Pages that are open do not hold up a shutdown."""
    _, live = hub()

    async def listen() -> int:
        viewer = live.enter(frozenset(), None)
        asyncio.get_running_loop().call_later(0.05, live.close)
        return len([event async for event in live.events(viewer)])

    assert asyncio.run(asyncio.wait_for(listen(), 10)) == 1
