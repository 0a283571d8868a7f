"""Coming and going."""

import asyncio

from fastapi import APIRouter, Request, Response

from runtime.version import version
from web.api.answers import Visitor
from web.api.asked import LoginBody
from web.api.replies import accepted, documented, problem, problems
from web.gate import COOKIE, SESSION_S, TooManyTriesError
from web.site import Site, SiteOf

router = APIRouter(tags=["session"])


@router.get("/session", responses=documented(Visitor, "who is there"))
async def who(request: Request, site: SiteOf) -> Response:
    """Who is there, and whether a login is asked for."""
    return accepted(_visitor(site, request.state.user), 200)


@router.post("/session", responses={**documented(Visitor, "let in"), **problems(400, 401, 403, 413, 415, 422, 429)})
async def enter(site: SiteOf, body: LoginBody) -> Response:
    """Log in with the token, or with a name and a password; the answer sets a cookie."""
    if not site.gate.closed:
        return accepted(_visitor(site, None), 200)
    try:
        cookie = await asyncio.to_thread(
            site.gate.enter, token=body.token, name=body.name, password=body.password
        )  # hashing a password takes a while
    except TooManyTriesError as error:
        return problem(429, str(error), headers={"Retry-After": "60"})
    if cookie is None:
        return problem(401, "that is not right", headers={"WWW-Authenticate": "Bearer"})
    answer = accepted(_visitor(site, site.gate.who(cookie, None)), 200)
    answer.set_cookie(COOKIE, cookie, max_age=SESSION_S, httponly=True, samesite="strict", secure=site.https, path="/")
    return answer


@router.delete("/session", responses={**documented(Visitor, "gone"), **problems(403, 413, 415)})
async def leave(site: SiteOf) -> Response:
    """Log out."""
    answer = accepted(_visitor(site, None), 200)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=site.https)
    return answer


def _visitor(site: Site, name: str | None) -> Visitor:
    return Visitor(login=site.gate.closed, name=name, method=site.gate.method, version=version())
