"""Devices: states, readings of a window, contributions, the plane of normal readings, model versions."""

from datetime import datetime
from time import time
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from contracts.service import DeviceState
from web.api.answers import DeviceAnswer, DeviceItem, DevicePage, ModelList, Spark
from web.api.asked import After, DeviceLevel, Limit, Since, Text128, Until, device_name, epoch, utc
from web.api.replies import documented, problems, reply
from web.api.windows import ContributionsAt, ContributionsWindow, ProjectionAnswer, ReadingsWindow
from web.errors import UnknownDeviceError
from web.live.tiles import tile
from web.plant import STATES, Device
from web.recent import numbers
from web.site import Site, SiteOf
from web.versions import seen

router = APIRouter(tags=["devices"])
_SPARK = 60
_SPANS = 50
_INCIDENTS = 10
_ANOMALIES = 200
_HOUR_S = 3600.0
_Points = Annotated[int, Query(ge=10, le=5000, description="rows after thinning out")]


@router.get("/devices", responses={**documented(DevicePage, "some devices"), **problems(422)})
async def list_devices(  # noqa: PLR0913, PLR0917 - one parameter a filter
    request: Request,
    site: SiteOf,
    state: Annotated[list[DeviceState] | None, Query(max_length=8)] = None,
    q: Annotated[Text128 | None, Query(description="part of the name")] = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    order: Literal["trouble", "name"] = "trouble",
) -> Response:
    """Devices, those in trouble first; `after` is the `next` of the page before."""
    ranked = sorted(_chosen(site, state, q), key=lambda device: _key(device, order))
    keys = [_key(device, order) for device in ranked]
    begin = 0 if after is None else next((i for i, key in enumerate(keys) if key > after), len(keys))
    shown = ranked[begin : begin + limit]
    more = begin + limit < len(ranked)
    items = [DeviceItem(tile=tile(device), spark=_spark(device)) for device in shown]
    return reply(
        request, DevicePage(items=items, next=keys[begin + limit - 1] if more else None, counts=site.plant.counts())
    )


@router.get("/devices/{device}", responses={**documented(DeviceAnswer, "the device"), **problems(404, 422)})
async def one_device(request: Request, site: SiteOf, device: DeviceLevel) -> Response:
    """What is known of one device now."""
    known = _known(site, device)
    metrics = list(known.score.values) if known.score else list(known.status.metrics if known.status else ())
    return reply(request, DeviceAnswer(tile=tile(known), status=known.status, metrics=metrics, rows=len(known.ring)))


@router.get(
    "/devices/{device}/readings", responses={**documented(ReadingsWindow, "readings"), **problems(404, 422, 503)}
)
async def readings(  # noqa: PLR0913, PLR0917 - one parameter an option
    request: Request, site: SiteOf, device: DeviceLevel, since: Since = None, until: Until = None, points: _Points = 600
) -> Response:
    """Readings of a window with their scores and expected bands, by default of the last hour."""
    now = time()
    window = await site.recent.window(
        device_name(device), epoch(since, now - _HOUR_S), epoch(until, float("inf")), points
    )
    return reply(request, window)


@router.get(
    "/devices/{device}/contributions",
    responses={**documented(ContributionsWindow, "contributions"), **problems(422, 503)},
)
def contributions(
    request: Request, site: SiteOf, device: DeviceLevel, since: Since = None, until: Until = None
) -> Response:
    """How much each metric added to the anomalies of a span, from what is stored of its newest incidents."""
    name = device_name(device)
    items = [
        ContributionsAt(
            at=each.measured_at, incident=each.incident.id, score=each.score, contributions=list(each.contributions)
        )
        for alert in site.shelf.spans(name, utc(since), utc(until), _INCIDENTS)
        for each in site.shelf.anomalies(alert.incident, _ANOMALIES)
        if each.contributions
    ]
    items.sort(key=lambda item: item.at)
    return reply(request, ContributionsWindow(device=name, items=items))


@router.get(
    "/devices/{device}/projection", responses={**documented(ProjectionAnswer, "the plane"), **problems(404, 422, 503)}
)
async def projection(request: Request, site: SiteOf, device: DeviceLevel) -> Response:
    """Recent readings on the plane of the two directions in which the normal ones differ most (PCA)."""
    name = device_name(device)
    alerts = await run_in_threadpool(site.shelf.spans, name, None, None, _SPANS)
    found = await site.recent.projection(name, [(each.opened_at.timestamp(), _end(each.closed_at)) for each in alerts])
    return reply(request, found)


@router.get("/devices/{device}/models", responses={**documented(ModelList, "its models"), **problems(404, 422, 503)})
async def device_models(request: Request, site: SiteOf, device: DeviceLevel) -> Response:
    """The model versions of a device, newest first."""
    return reply(request, ModelList(items=await site.versions.of(_known(site, device))))


@router.get("/models", responses={**documented(ModelList, "all models"), **problems(422)})
async def list_models(request: Request, site: SiteOf, limit: Limit = 200) -> Response:
    """The models that are in use now, by device."""
    devices = sorted(site.plant.devices.values(), key=lambda device: device.name)
    found = [item for device in devices for item in seen(device)[:1]]
    return reply(request, ModelList(items=found[:limit]))


def _known(site: Site, level: str) -> Device:
    name = device_name(level)
    device = site.plant.devices.get(name)
    if device is None:
        raise UnknownDeviceError(f"device {name[:128]!a}: nothing was heard of it")
    return device


def _chosen(site: Site, states: list[DeviceState] | None, part: str | None) -> list[Device]:
    devices = site.plant.devices.values()
    wanted = (part or "").casefold()
    return [
        device
        for device in devices
        if (not states or device.state in states) and (not wanted or wanted in device.name.casefold())
    ]


def _key(device: Device, order: str) -> str:
    return device.name if order == "name" else f"{STATES.index(device.state)}{device.name}"


def _spark(device: Device) -> Spark | None:
    lead = device.lead
    if lead is None:
        return None
    rows = device.ring.newest(_SPARK)
    columns = rows.metrics.get(lead)
    if columns is None:
        return None
    return Spark(metric=lead, times=[round(at, 3) for at in rows.times], values=numbers(columns["values"]))


def _end(closed_at: datetime | None) -> float:
    return float("inf") if closed_at is None else closed_at.timestamp()
