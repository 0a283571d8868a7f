from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.anomaly import Model, incident_id
from contracts.codec import encode
from contracts.service import Answer
from storage.book import AlertBook
from storage.database import open_engine
from storage.records import Attempt
from tests.plant import wait_for
from tests.unit.storage.alert_records import record
from tests.web_site import NOW, TOPICS, running_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web_site import Site

THIRD = incident_id("boiler", "third")


def test_alerts_come_newest_first_and_page_by_page(site: Site) -> None:
    """Following `next` gives every alert once, in the order of their opening."""
    found, after = [], ""
    while True:
        page = site.get(f"/api/v1/alerts?limit=2{after}").json
        found += [alert["opened_at"] for alert in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(found) == 5
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("device=boiler", 3),
        ("status=open", 1),
        ("status=open&status=closed", 5),
        ("severity=critical", 1),
        ("severity=major", 4),
        ("kind=drift", 0),
        ("q=filter+boil", 3),
        ("since=2026-11-22T06:10:00Z", 3),
        ("until=2026-11-22T06:10:00Z", 2),
        ("device=nobody", 0),
        ("together=" + "a" * 32, 0),
    ],
)
def test_alerts_are_filtered(site: Site, asked: str, count: int) -> None:
    """Each filter chooses what it says."""
    assert len(site.get(f"/api/v1/alerts?{asked}").json["items"]) == count


def test_an_answer_that_is_known_is_not_sent_again(site: Site) -> None:
    """The entity tag of an answer, sent back, gives 304 without a body."""
    first = site.get(f"/api/v1/alerts/{THIRD}")
    again = site.get(f"/api/v1/alerts/{THIRD}", **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/alerts/" + "0" * 32, 404),
        ("GET", "/api/v1/alerts/nothing", 422),
        ("GET", "/api/v1/alerts?limit=0", 422),
        ("GET", "/api/v1/alerts?after=nonsense", 400),
        ("GET", "/api/v1/devices/nobody", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("DELETE", "/api/v1/alerts", 405),
    ],
)
def test_what_goes_wrong_is_told_as_a_problem(site: Site, method: str, path: str, status: int) -> None:
    """Errors are RFC 9457 problems with title, status and detail."""
    answer = site.ask(method, path)
    assert answer.status == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json["status"] == status
    assert answer.json["detail"]


def test_wrong_fields_are_named(site: Site) -> None:
    """All wrong values are told at once, each with its field."""
    errors = site.get("/api/v1/alerts?limit=x&severity=loud").json["errors"]
    assert {error["field"] for error in errors} == {"query.limit", "query.severity"}


def test_an_incident_comes_with_its_earlier_likes(site: Site) -> None:
    """Similar earlier incidents of the same device stand beside it."""
    answer = site.get(f"/api/v1/incidents/{THIRD}").json
    assert answer["alert"]["incident"] == THIRD
    assert {each["alert"]["device"] for each in answer["similar"]} == {"boiler"}
    assert len(answer["similar"]) == 2
    assert answer["watched"] is False  # nothing but its alerts is known of the boiler


def test_an_export_is_complete_and_safe_for_a_spreadsheet(tmp_path: Path) -> None:
    """Every alert is a row; text that begins like a formula is made harmless."""
    with running_site(tmp_path, [record("x", device="=cmd()"), record("y")]) as site:
        answer = site.get("/api/v1/alerts/export")
        rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
        assert {row["device"] for row in rows} == {"'=cmd()", "boiler"}
        lines = site.get("/api/v1/alerts/export?format=jsonl&device=boiler").body.splitlines()
        assert [json.loads(line)["device"] for line in lines] == ["boiler"]


def test_devices_in_trouble_come_first(site: Site) -> None:
    """The list is ordered by state, then by name, and pages by cursor."""
    for name, state in (("z-ready", "ready"), ("b-odd", "anomalous"), ("a-learning", "learning")):
        site.say_status(name, state)  # type: ignore[arg-type]
    wait_for(lambda: site.get("/api/v1/devices/a-learning").status == 200, 20, "devices are known")
    first = site.get("/api/v1/devices?limit=2").json
    rest = site.get(f"/api/v1/devices?limit=200&after={first['next']}").json
    names = [item["tile"]["device"] for item in first["items"] + rest["items"]]
    assert [n for n in names if n[1] == "-"] == ["b-odd", "a-learning", "z-ready"]
    assert first["counts"]["anomalous"] == 1


def test_readings_of_a_window_come_with_their_band(site: Site) -> None:
    """Values, expectation and score stand beside each other, also for a device whose name holds a slash."""
    for second in range(50):
        site.say_score("hall/1", second, score=0.2, temperature=4.0 + second)
    path = "/api/v1/devices/hall%252F1"
    wait_for(lambda: site.get(path).json.get("rows") == 50, 20, "scores are taken")
    since, until = NOW.isoformat().replace("+00:00", "Z"), "2026-11-22T12:00:09Z"
    window = site.get(f"{path}/readings?since={since}&until={until}").json
    assert window["metrics"]["temperature"]["values"] == [4.0 + n for n in range(10)]
    assert window["metrics"]["temperature"]["upper"] == [10.0] * 10
    assert window["score"] == [pytest.approx(0.2)] * 10
    thin = site.get(f"{path}/readings?since={since}&points=10").json
    assert thin["total"] == 50
    assert len(thin["times"]) <= 12


def test_a_value_comes_with_its_unit(site: Site) -> None:
    """The unit that the detector knows stands on the tile, and with the device."""
    site.say_status("oven")
    site.say_score("oven", 1, temperature=4.0)
    wait_for(lambda: site.get("/api/v1/devices/oven").json.get("rows") == 1, 20, "a score is taken")
    answer = site.get("/api/v1/devices/oven").json
    assert (answer["tile"]["metric"], answer["tile"]["unit"]) == ("temperature", "°C")
    assert answer["status"]["units"] == {"temperature": "°C"}


def test_feedback_goes_out_over_the_bus(site: Site) -> None:
    """What a person says is published for detector and explainer; a snooze without an end lasts an hour."""
    answer = site.ask(
        "POST", f"/api/v1/incidents/{THIRD}/feedback", {"verdict": "snoozed", "by": "ann", "note": "later"}
    )
    assert answer.status == 202
    topic, said = site.published("feedback")[-1]
    assert topic == f"tocsin/feedback/{THIRD}"
    assert (said["verdict"], said["by"], said["note"]) == ("snoozed", "ann", "later")
    assert said["until"] > said["at"]


def test_feedback_on_an_unknown_incident_is_refused(site: Site) -> None:
    """Nothing is published about an incident that is not stored."""
    before = len(site.published("feedback"))
    answer = site.ask("POST", f"/api/v1/incidents/{'0' * 32}/feedback", {"verdict": "confirmed"})
    assert answer.status == 404
    assert len(site.published("feedback")) == before


def test_an_order_goes_out_and_its_answer_can_be_asked_for(site: Site) -> None:
    """A command has an id, by which the service's answer is found."""
    sent = site.ask(
        "POST", "/api/v1/commands", {"service": "detector", "name": "rollback", "device": "a", "version": 2}
    )
    order = next(said for _, said in site.published("commands") if said["id"] == sent.json["id"])
    assert (order["name"], order["device"], order["arguments"]) == ("rollback", "a", {"version": 2})
    assert site.get(f"/api/v1/commands/{sent.json['id']}").json["answer"] is None
    site.say(TOPICS.service("detector", "1") + "/commands", encode(Answer(id=sent.json["id"], ok=True)))
    wait_for(lambda: site.get(f"/api/v1/commands/{sent.json['id']}").json["answer"], 20, "the answer is known")


def test_models_come_from_the_detectors_answer(site: Site) -> None:
    """Versions are what the detector tells; until it answers, what the page has seen in use."""
    site.say_status("modelled", model=Model(backend="ecod", version=3, scope="modelled"))
    wait_for(lambda: site.get("/api/v1/devices/modelled").status == 200, 20, "the device is known")
    seen = site.get("/api/v1/devices/modelled/models").json["items"]
    assert [(each["version"], each["active"]) for each in seen] == [(3, True)]
    assert site.published("commands")[-1][1]["name"] == "models"
    assert "modelled" in {each["device"] for each in site.get("/api/v1/models").json["items"]}


def test_the_pipelines_health_tells_services_and_rate(site: Site) -> None:
    """Readings a second follow from the detector's own counter."""
    site.say_service("detector", 100, 0)
    site.say_service("detector", 300, 10)
    wait_for(lambda: site.get("/api/v1/health").json["readings_per_s"] == 20.0, 20, "the rate is known")
    health = site.get("/api/v1/health").json
    assert health["broker"]
    assert health["database"]
    assert health["stages"] == {"detector": "online"}


def test_the_models_spending_of_a_day_is_told(tmp_path: Path) -> None:
    """Calls, tokens and cost are what is stored of the last 24 hours; older ones do not count."""
    now = datetime.now(UTC)
    with running_site(tmp_path) as site:
        book = AlertBook(open_engine(f"sqlite:///{site.database}"))
        with book.writing() as entry:
            for age, tokens in ((1, 700), (30, 5000)):
                attempt = Attempt(
                    THIRD, now - timedelta(hours=age), "p", "m", "t", "explained", 1, 5.0, tokens, 50, 0.25
                )
                entry.finish_attempt(entry.start_attempt(attempt), attempt)
        site.service.server.app.state.site.shelf.look()
        health = site.get("/api/v1/health").json
        book.close()
    assert (health["model_calls"], health["model_tokens"], health["model_cost"]) == (1, 750, 0.25)


def test_what_cannot_be_read_is_counted_and_not_shown(site: Site) -> None:
    """A bad message on the bus changes nothing and is counted among the metrics."""
    site.say(TOPICS.scores("x"), b"{")
    site.say(TOPICS.device("x"), b"[]")
    wait_for(lambda: b'tocsin_web_messages_total{kind="unusable"} 2.0' in site.get("/metrics").body, 20, "both counted")
    assert site.get("/api/v1/devices/x").status == 404


def test_a_missing_database_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    """Without the database alerts answer 503; the live part still works."""
    with running_site(tmp_path) as site:
        for file in tmp_path.glob("alerts.db*"):
            file.unlink()
        answer = site.get("/api/v1/alerts")
        assert (answer.status, answer.json["title"]) == (503, "Not available now")
        health = site.get("/api/v1/health")
        assert (health.status, health.json["database"]) == (200, False)
