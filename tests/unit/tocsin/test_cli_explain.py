from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from explainer.errors import PriceError, SiteNotesError
from explainer.llm.comparing import Contender, compare, scores
from explainer.llm.interview import Interviewer, Patience
from explainer.llm.prices import Prices, load_prices
from explainer.llm.prompt import load_template
from explainer.providers.port import Answer, Provider, Question
from explainer.site_notes import SiteNotes, load_site
from explainer.words.knowledge import load_knowledge
from storage import explaining
from storage.book import AlertBook
from storage.database import open_engine
from storage.migrate import migrate
from storage.records import Attempt, BudgetStop
from tests.llm_server import GOOD_ANSWER, LlmServer, answers
from tests.unit.explainer.test_reuse import alert_of
from tests.unit.storage.alert_records import record
from tests.unit.tocsin.command_line import tocsin
from tocsin.explaining.comparison_page import page

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATES = ("brief", "engineer", "root-cause", "home", "small")


class Same(Provider):
    """Answers the same to everybody."""

    name, model = "stand-in", "m<b>"

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def ask(self, question: Question, timeout: float) -> Answer:  # noqa: ARG002 - it answers at once
        return Answer(self.answer, 1000, 500)


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A database with one alert, two calls, one saved call and a budget that was used up."""
    engine = open_engine(f"sqlite:///{tmp_path}/alerts.db")
    migrate(engine)
    now = datetime.now(UTC)
    one = record()
    attempt = Attempt(one.alert.incident, now, "together", "llama", "engineer", outcome="explained", requests=2)
    with AlertBook(engine).writing() as entry:
        entry.save([one])
        entry.start_attempt(replace(attempt, prompt_tokens=900, answer_tokens=100, cost=0.25))
        entry.start_attempt(replace(attempt, requests=0, outcome="cached"))
        explaining.note_stop(entry.connection, BudgetStop(now - timedelta(hours=1), "calls an hour", 60, 60, 12))
    engine.dispose()
    return f"{tmp_path}/alerts.db"


def test_cost_tells_calls_tokens_money_and_what_was_saved(database: str) -> None:
    """With the budgets that were used up, and how many incidents waited then."""
    told = tocsin("cost", "--database", database, "--by", "model,device")
    assert told.exit_code == 0, told.output
    for words in ("llama", "boiler", "900", "0.2500", "Calls saved: 1, 50%", "calls an hour: 60 of 60, 12 incidents"):
        assert words in told.output
    whole = json.loads(tocsin("cost", "--database", database, "--json").stdout)
    assert (whole["total"]["calls"], whole["total"]["cost"], whole["hit_rate"]) == (2, 0.25, 0.5)
    assert whole["budget_stops"][0]["owed"] == 12


def test_cost_says_what_is_wrong_with_a_question(database: str) -> None:
    """An unknown group and a time that is none end with exit code 2."""
    assert tocsin("cost", "--database", database, "--by", "moon").exit_code == 2
    assert tocsin("cost", "--database", database, "--since", "often").exit_code == 2


def test_templates_are_compared_side_by_side(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every template is asked about every incident, over HTTP; table, JSON and page tell the same."""
    with LlmServer(
        [answers({**GOOD_ANSWER, "label": "temperature above normal", "reason": "temperature is high."})]
    ) as server:
        monkeypatch.setenv("TOCSIN_LLM_BASE_URL", server.url)
        html = tmp_path / "page.html"
        asked = [part for name in TEMPLATES for part in ("--template", name)]
        told = tocsin("explain", "compare", "--database", database, "--html", str(html), "--json", *asked)
        assert told.exit_code == 0, told.output
        assert len(server.requests) >= len(TEMPLATES)
    found = json.loads(told.stdout)
    assert [one["contender"].split(" · ")[0] for one in found["scores"]] == list(TEMPLATES)
    assert {one["grounded"] for one in found["scores"]} == {1.0}
    assert {one["agreement"] for one in found["scores"]} == {1.0}
    assert "temperature above normal" in html.read_text()


def test_answers_are_shown_though_their_page_cannot_be_written(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were paid for; what is wrong with the page is said in one line after them."""
    with LlmServer([answers(GOOD_ANSWER)]) as server:
        monkeypatch.setenv("TOCSIN_LLM_BASE_URL", server.url)
        nowhere = tmp_path / "missing" / "page.html"
        told = tocsin("explain", "compare", "--database", database, "--html", str(nowhere), "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["answers"]
    assert f"cannot write {nowhere}" in told.stderr


def test_comparing_needs_a_model(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one, and with an unknown template, the command says what to set."""
    for name in ("TOGETHER_API_KEY", "TOCSIN_LLM_BASE_URL", "TOCSIN_LLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    told = tocsin("explain", "compare", "--database", database)
    assert told.exit_code == 2
    monkeypatch.setenv("TOCSIN_LLM_BASE_URL", "http://127.0.0.1:9")
    assert tocsin("explain", "compare", "--database", database, "--template", "no such").exit_code == 2


def test_the_page_of_a_comparison_is_only_text() -> None:
    """Names and answers with markup are shown as they are."""
    told = json.dumps({**GOOD_ANSWER, "reason": "temperature & <script>alert(1)</script> is high."})
    patience = Patience(1.0, 5.0)
    interviewer = Interviewer(Same(told), load_template("brief"), load_knowledge(), patience)
    alerts = [alert_of(device="<img src=x>")]
    trials = compare(alerts, [Contender(interviewer, Prices(1.0, 2.0))], SiteNotes(), lambda _: None)
    (score,) = scores(trials, alerts)
    assert score.cost == pytest.approx(0.002 * score.requests)
    text = page(alerts, trials, [score])
    assert "<script" not in text
    assert "<img" not in text
    assert "m&lt;b&gt;" in text


@pytest.mark.parametrize(
    "text", ["[[class]]\nname = 'x'", "[[class]]\nname='x'\ndevices=[]\nnotes='y'", "classes = 1", "[[class"]
)
def test_wrong_notes_of_the_site_are_refused(tmp_path: Path, text: str) -> None:
    """The error names the file and what was expected."""
    file = tmp_path / "site.toml"
    file.write_text(text)
    with pytest.raises(SiteNotesError, match=r"site\.toml.*expected \[\[class\]\]"):
        load_site(file)


def test_prices_have_a_source_and_a_date(tmp_path: Path) -> None:
    """The table that comes along is whole; one of the user's without a source is refused, and named."""
    table = load_prices()
    assert all(price.source and price.date for price in table.prices)
    assert table.of("meta-llama/Llama-3.3-70B-Instruct-Turbo").prompt > 0
    assert table.of("unknown") == Prices()
    assert table.of("unknown", 1.0, 2.0) == Prices(1.0, 2.0)
    file = tmp_path / "prices.toml"
    file.write_text("[[price]]\nmodel='x'\nprompt=1\nanswer=1\ndate=2026-01-01\n")
    with pytest.raises(PriceError, match=r"prices\.toml.*source"):
        load_prices(file)
