"""`/v1/devices`: what the detector keeps of its devices, for charts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from detector.http import device_answers
from detector.http.serving import Json, parts_of

router = APIRouter(prefix="/v1/devices", tags=["devices"])

Since = Annotated[AwareDatetime | None, Query(description="readings measured at this time or later (RFC 3339)")]
Until = Annotated[AwareDatetime | None, Query(description="readings measured before this time (RFC 3339)")]
Points = Annotated[int, Query(ge=2, le=10_000, description="about how many points the chart has room for")]


@router.get("", response_model=device_answers.DeviceList)
def devices(request: Request) -> Json:
    """List the devices that the detector has heard of."""
    data = parts_of(request).devices.all()
    return Json({"data": data, "total": len(data)})


@router.get("/{device:path}/readings", response_model=device_answers.Readings)
def readings(request: Request, device: str, since: Since = None, until: Until = None, points: Points = 1000) -> Json:
    """Return the recent readings of a device with expected band and score, thinned for a chart."""
    return Json(parts_of(request).devices.readings(device, since, until, points))


@router.get("/{device:path}/models", response_model=device_answers.ModelVersions)
def models(request: Request, device: str) -> Json:
    """Return the versions of a device's model, newest first."""
    return Json(parts_of(request).devices.models(device))


@router.get("/{device:path}/projection", response_model=device_answers.Projection)
def projection(request: Request, device: str, since: Since = None) -> Json:
    """Return normal and recent anomalous rows of a device in two dimensions."""
    return Json(parts_of(request).devices.projection(device, since))
