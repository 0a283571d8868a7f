"""The pipeline's health, the stream of events, and the metrics for Prometheus."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from web.api.answers import Pipeline
from web.api.asked import Text128
from web.api.replies import documented, problem, problems, reply
from web.live.hub import MAX_SHOWN, TooManyViewersError
from web.site import SiteOf

router = APIRouter(tags=["pipeline"])
metrics = APIRouter(tags=["pipeline"])


@router.get("/health", responses=documented(Pipeline, "how the pipeline is"))
async def health(request: Request, site: SiteOf) -> Response:
    """Devices by state, readings each second, what waits, what the language model did, and each service."""
    return reply(request, site.pipeline())


@router.get(
    "/live",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "events: `health`, `alert`, `device`, `gone`, `answer`; `tiles` each second for the "
            "devices shown; `score` at once for the one device looked at",
            "content": {"text/event-stream": {}},
        },
        **problems(422, 503),
    },
)
async def live(
    site: SiteOf,
    shown: Annotated[list[Text128] | None, Query(max_length=MAX_SHOWN, description="devices shown")] = None,
    device: Annotated[Text128 | None, Query(description="the device whose every score is wanted")] = None,
) -> Response:
    """What happens, as it happens; connect again with other devices when the page shows others."""
    try:
        viewer = site.hub.enter(frozenset(shown or ()), device)
    except TooManyViewersError as error:
        return problem(503, str(error), headers={"Retry-After": "10"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(site.hub.events(viewer), media_type="text/event-stream", headers=headers)


@metrics.get(
    "/metrics",
    responses={200: {"description": "the page's metrics", "content": {"text/plain": {}}}},
    response_class=Response,
)
async def prometheus(site: SiteOf) -> Response:
    """The page's own metrics and what it knows of devices, for Prometheus."""
    return Response(generate_latest(site.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
