"""Alerts: filtered, searched, a page at a time, exported. FastAPI reads the annotations, so they are evaluated here."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from msgspec.structs import replace

from contracts.alert import Alert, Status
from contracts.anomaly import Kind, Severity
from storage.browsing import Filters
from web.api.answers import AlertPage, EarlierIncident, IncidentAnswer, IncidentList, IncidentSpan
from web.api.asked import After, Incident, Limit, Since, Text128, Until, utc
from web.api.export import CSV, JSON_LINES, csv_lines, json_lines
from web.api.replies import documented, problems, reply
from web.site import SiteOf

router = APIRouter(tags=["alerts"])
MAX_EXPORT = 1_000_000
_SHOWN_ANOMALIES = 300
_SIMILAR = 5
_List = Annotated[list[Status] | None, Query(max_length=12)]
_Kinds = Annotated[list[Kind] | None, Query(max_length=12)]
_Together = Annotated[
    str | None, Query(pattern="^[0-9a-f]{32}$", description="`site_incident`, which alerts of one moment share")
]
_Words = Annotated[Text128 | None, Query(description="words that begin one in device, label, reason or causes")]


def _filters(  # noqa: PLR0913, PLR0917 - one parameter a filter
    device: Annotated[Text128 | None, Query(description="the device's name")] = None,
    status: _List = None,
    severity: Annotated[Severity | None, Query(description="at least this")] = None,
    kind: _Kinds = None,
    verdict: Literal["confirmed", "false_positive"] | None = None,
    since: Since = None,
    until: Until = None,
    q: _Words = None,
    together: _Together = None,
) -> Filters:
    return Filters(
        device=device,
        status=status or (),
        severity=severity,
        kinds=kind or (),
        verdict=verdict,
        since=utc(since),
        until=utc(until),
        text=q,
        site_incident=together,
    )


_Filters = Annotated[Filters, Depends(_filters)]


@router.get("/alerts", responses={**documented(AlertPage, "some alerts"), **problems(400, 422, 503)})
def list_alerts(request: Request, site: SiteOf, filters: _Filters, after: After = None, limit: Limit = 50) -> Response:
    """Alerts, newest first: the page after `after`."""
    page = site.shelf.page(filters, after, limit)
    return reply(request, AlertPage(items=page.alerts, next=page.next))


@router.get(
    "/alerts/export",
    response_class=StreamingResponse,
    responses={
        200: {"description": "every alert that fits, newest first", "content": {CSV: {}, JSON_LINES: {}}},
        **problems(422, 503),
    },
)
def export_alerts(
    site: SiteOf,
    filters: _Filters,
    format: Literal["csv", "jsonl"] = "csv",  # noqa: A002 - the parameter's name in the API
    limit: Annotated[int, Query(ge=1, le=MAX_EXPORT)] = MAX_EXPORT,
) -> StreamingResponse:
    """Every alert that fits, as CSV (safe to open in a spreadsheet) or as JSON lines."""
    site.shelf.page(filters, None, 1)  # an error is an answer, not the end of a stream
    alerts = site.shelf.every(filters, limit)
    lines, kind = (csv_lines(alerts), CSV) if format == "csv" else (json_lines(alerts), JSON_LINES)
    headers = {"Content-Disposition": f'attachment; filename="alerts.{format}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type=kind, headers=headers)


@router.get("/alerts/{incident}", responses={**documented(Alert, "the alert"), **problems(404, 422, 503)})
def one_alert(request: Request, site: SiteOf, incident: Incident) -> Response:
    """One alert, as it stands on the bus."""
    return reply(request, site.shelf.alert(incident))


@router.get("/incidents", responses={**documented(IncidentList, "incidents"), **problems(422, 503)})
def list_incidents(request: Request, site: SiteOf, filters: _Filters, limit: Limit = 100) -> Response:
    """When incidents were, newest first: what a chart needs."""
    found = site.shelf.page(filters, None, limit)
    return reply(request, IncidentList(items=[span(alert) for alert in found.alerts]))


@router.get(
    "/incidents/{incident}", responses={**documented(IncidentAnswer, "the incident"), **problems(404, 422, 503)}
)
def one_incident(request: Request, site: SiteOf, incident: Incident) -> Response:
    """Everything about one incident: its alert, its stored anomalies, and earlier incidents that resemble it."""
    alert = site.shelf.alert(incident)
    anomalies = site.shelf.anomalies(incident, _SHOWN_ANOMALIES)
    first = next((anomaly.window for anomaly in anomalies if anomaly.window), None)
    bare = [replace(anomaly, window=None) for anomaly in anomalies]
    similar = site.shelf.similar(alert, _SIMILAR)
    earlier = [EarlierIncident(alert=each.alert, likeness=each.likeness, said=list(each.said)) for each in similar]
    watched = alert.device in site.plant.devices
    return reply(request, IncidentAnswer(alert=alert, watched=watched, anomalies=bare, window=first, similar=earlier))


def span(alert: Alert) -> IncidentSpan:
    """Say when an incident was."""
    return IncidentSpan(
        incident=alert.incident,
        device=alert.device,
        opened_at=alert.opened_at,
        closed_at=alert.closed_at,
        severity=alert.severity,
        status=alert.status,
        kind=alert.evidence.kind,
        label=alert.label,
    )
