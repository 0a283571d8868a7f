"""`tocsin explain compare`: templates and models side by side, over stored incidents."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from explainer.errors import ExplainerError
from explainer.llm.building import interviewer_of, prices_of, provider_of
from explainer.llm.comparing import Contender, Trial, compare, scores
from explainer.settings import ExplainerSettings
from explainer.site_notes import load_site
from runtime.settings import SettingsError, load_settings
from storage import browsing
from tocsin.book.alert_database import reading
from tocsin.explaining.comparison_page import page
from tocsin.explaining.comparison_tables import answers_table, scores_table
from tocsin.terminal import CommandError, errors, output, printable

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.alert import Alert
    from explainer.llm.comparing import Score


@dataclass(frozen=True, slots=True)
class Comparison:
    """What shall be compared: templates, models, and over how many of the newest incidents."""

    templates: tuple[str, ...]
    models: tuple[str, ...]
    incidents: int


def run_comparison(url: str, wish: Comparison, *, as_json: bool, html: Path | None) -> None:
    """Ask, and show what was said.

    Raises:
        CommandError: no model or template can be used, no alert is stored, or the page cannot be written.
    """
    settings = _settings()
    contenders = _contenders(settings, wish)
    with reading(url) as engine:
        alerts = browsing.page(engine, limit=wish.incidents).alerts
    if not alerts:
        raise CommandError("no alert is stored yet", "`tocsin demo` makes some", code=1)
    trials = compare(alerts, contenders, load_site(settings.site_file), _tell)
    found = list(scores(trials, alerts))
    if as_json:
        print(json.dumps({"scores": [asdict(one) for one in found], "answers": [asdict(one) for one in trials]}))  # noqa: T201
    else:
        _show(alerts, trials, found)
    if html is not None:  # last: the answers were paid for, and are shown whatever becomes of the page
        _write(html, page(alerts, trials, found))


def _settings() -> ExplainerSettings:
    try:
        return load_settings(ExplainerSettings)
    except SettingsError as error:
        raise CommandError(str(error), "settings are TOCSIN_* variables", code=2) from error


def _contenders(settings: ExplainerSettings, wish: Comparison) -> list[Contender]:
    made = []
    for model in wish.models or (settings.llm_model,):
        provider = provider_of(settings, model)
        if provider is None:
            raise CommandError("no model is set", "TOGETHER_API_KEY=… or TOCSIN_LLM_BASE_URL=… names one", code=2)
        for template in wish.templates or (settings.llm_template,):
            try:
                interviewer = interviewer_of(settings, provider, template)
            except ExplainerError as error:
                raise CommandError(str(error), code=2) from error
            made.append(Contender(interviewer, prices_of(settings, model)))
    return made


def _tell(trial: Trial) -> None:
    words = f"{trial.contender}: {trial.device}, {trial.outcome}, {trial.latency_s:.1f} s"
    errors().print(printable(words), style="dim")


def _show(alerts: list[Alert], trials: list[Trial], found: list[Score]) -> None:
    screen = output()
    screen.print(scores_table(found))
    for alert in alerts:
        screen.print()
        screen.print(answers_table(alert, [trial for trial in trials if trial.incident == alert.incident]))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {file}: {error.strerror}") from error
    errors().print(f"Written: {file}")
