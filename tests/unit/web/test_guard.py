from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contracts.anomaly import incident_id
from tests.web_site import JSON, running_site
from web.users import user_line

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web_site import Site

TOKEN = "a-token-of-some-length"  # noqa: S105 - of a test
FEEDBACK = f"/api/v1/incidents/{incident_id('boiler', 'third')}/feedback"


def test_every_answer_carries_the_security_headers(site: Site) -> None:
    """Scripts and styles come from us alone, nothing inline, no frame around us."""
    for path in ("/", "/static/js/main.js", "/api/v1/health", "/nowhere"):
        headers = site.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_a_foreign_host_name_is_refused_without_a_login(site: Site) -> None:
    """A name that was made to point at this machine (DNS rebinding) reads nothing."""
    assert site.get("/api/v1/alerts", Host="evil.example").status == 421
    assert site.get("/api/v1/alerts", Host="localhost:1234").status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({**JSON, "Origin": "http://evil.example"}, 403),
        ({**JSON, "Origin": "http://["}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({**JSON}, 202),
    ],
)
def test_only_our_own_page_and_programs_may_change_something(site: Site, headers: dict[str, str], status: int) -> None:
    """What a foreign page's form or script can send is refused."""
    answer = site.ask("POST", FEEDBACK, b'{"verdict": "acknowledged"}', headers)
    assert answer.status == status


def test_our_own_origin_is_welcome(site: Site) -> None:
    """A browser says where the page came from: from here."""
    headers = {**JSON, "Origin": site.address, "Sec-Fetch-Site": "same-origin"}
    assert site.ask("POST", FEEDBACK, {"verdict": "acknowledged"}, headers).status == 202


def test_a_long_body_is_refused(site: Site) -> None:
    """Nobody fills the memory with one request."""
    assert site.ask("POST", FEEDBACK, b"x" * 70_000).status == 413


def test_with_a_token_strangers_see_the_login_alone(tmp_path: Path) -> None:
    """Pages lead to the login, the API answers 401, the login lets in, and leaving ends it."""
    with running_site(tmp_path, web_token=TOKEN) as site:
        assert (site.get("/").status, site.get("/").headers["location"]) == (303, "/login")
        assert site.get("/login").status == 200
        assert site.get("/api/v1/alerts").status == 401
        assert site.get("/metrics").status == 401
        assert site.ask("POST", "/api/v1/session", {"token": "wrong"}).status == 401
        entered = site.ask("POST", "/api/v1/session", {"token": TOKEN})
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        mine = {"Cookie": cookie.split(";")[0]}
        assert site.ask("GET", "/api/v1/alerts", headers=mine).status == 200
        assert site.get("/api/v1/alerts", Authorization=f"Bearer {TOKEN}").status == 200
        assert site.get("/", Host="plant.example", **mine).status == 200
        assert "Max-Age=0" in site.ask("DELETE", "/api/v1/session", headers=mine).headers["set-cookie"]


def test_feedback_carries_the_name_of_the_user(tmp_path: Path) -> None:
    """Who is logged in cannot speak in another's name."""
    users = tmp_path / "users"
    users.write_text(user_line("ann", "drum roll") + "\n", encoding="utf-8")
    users.chmod(0o600)
    with running_site(tmp_path, web_users_file=users) as site:
        entered = site.ask("POST", "/api/v1/session", {"name": "ann", "password": "drum roll"})
        mine = {**JSON, "Cookie": entered.headers["set-cookie"].split(";")[0]}
        site.ask("POST", FEEDBACK, {"verdict": "confirmed", "by": "bob"}, mine)
        assert site.published("feedback")[-1][1]["by"] == "ann"
