"""What people do: say what they think of an incident, order something of a service. All of it goes over the bus."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from contracts.service import Feedback
from web.api.answers import CommandState, Sent
from web.api.asked import CommandBody, FeedbackBody, Incident, utc
from web.api.replies import accepted, documented, problems, reply
from web.sending import now
from web.site import SiteOf

router = APIRouter(tags=["actions"])
_SNOOZE = timedelta(hours=1)


@router.post(
    "/incidents/{incident}/feedback",
    status_code=202,
    responses={**documented(Sent, "sent", status=202), **problems(400, 403, 404, 413, 415, 422, 503)},
)
async def say(request: Request, site: SiteOf, incident: Incident, body: FeedbackBody) -> Response:
    """Confirm an incident, call it a false positive, acknowledge or snooze it, or take the last word back."""
    await run_in_threadpool(site.shelf.alert, incident)
    at = now()
    until = utc(body.until) or at + _SNOOZE
    feedback = Feedback(
        incident=incident,
        verdict=body.verdict,
        at=at,
        by=request.state.user or body.by,
        note=body.note,
        until=until if body.verdict == "snoozed" else None,
    )
    await site.sender.feedback(feedback)
    return accepted(Sent(id=incident, at=at))


@router.post(
    "/commands",
    status_code=202,
    responses={**documented(Sent, "sent", status=202), **problems(400, 403, 413, 415, 422, 503)},
)
async def order(site: SiteOf, body: CommandBody) -> Response:
    """Order a retraining, a rollback or a new explanation; ask for the answer with the id."""
    given = {"version": body.version, "incident": body.incident}
    arguments = {name: value for name, value in given.items() if value is not None}
    command = await site.sender.command(body.service, body.name, device=body.device, arguments=arguments or None)
    return accepted(Sent(id=command.id, at=now()))


@router.get("/commands/{command}", responses={**documented(CommandState, "how it stands"), **problems(422)})
async def command_state(
    request: Request, site: SiteOf, command: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
) -> Response:
    """Whether a command was answered, and how; an unknown one has no answer."""
    return reply(request, CommandState(id=command, answer=site.plant.answers.get(command)))
