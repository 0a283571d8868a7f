"""One attempt at explaining: ask, ask again when that may help, check the answer, have it repaired once."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from explainer.errors import ProviderError
from explainer.grounding.facts import facts_of
from explainer.llm.answer import answer_schema
from explainer.llm.judging import Case, judge
from explainer.llm.masking import Mask, mask_of
from explainer.llm.prompt import NO_BACKGROUND, Background
from explainer.providers.port import Answer, Provider, Question
from runtime.logs import get_logger

if TYPE_CHECKING:
    from contracts.alert import Alert
    from explainer.grounding.facts import Facts
    from explainer.llm.answer import CleanAnswer
    from explainer.llm.prompt import Template
    from explainer.words.knowledge import Knowledge
    from storage.records import Outcome

MAX_ANSWER_TOKENS = 600
MAX_REPEATS = 3
MAX_REQUESTS = 4  # of one attempt: a call and a repair, each of which may fail on the way
_WAIT = wait_random_exponential(multiplier=1.0, max=20.0)  # full jitter: from nothing up to a doubling bound
_log = get_logger("explainer.llm")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an attempt may take, in seconds: one request, and all together, waits and repair included."""

    request_s: float
    attempt_s: float


@dataclass(slots=True)
class Finding:
    """How an attempt ended and what it took.

    Attributes:
        retry_after: seconds that the provider asks to wait before anything else is asked.
        hopeless: the provider will never answer this question.
        doubtful: the last answer, where it has the right form and the evidence does not bear it out.
    """

    outcome: Outcome = "running"
    answer: CleanAnswer | None = None
    error: str | None = None
    requests: int = 0
    answered: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    latency_s: float = 0.0
    retry_after: float | None = None
    hopeless: bool = False
    doubtful: CleanAnswer | None = None
    texts: list[str] = field(default_factory=list, repr=False)


class Interviewer:
    """Holds attempts; `explain` runs in a thread of its own and touches nothing but the provider.

    Args:
        provider: who is asked.
        template: the words around the evidence.
        knowledge: tells which words mean which quantity.
        patience: how long it may take.
        masks: whether aliases are sent in place of names.
        short: whether the model is held to few words.
    """

    def __init__(  # noqa: PLR0913 - its collaborators, and two ways of asking
        self,
        provider: Provider,
        template: Template,
        knowledge: Knowledge,
        patience: Patience,
        *,
        masks: bool = False,
        short: bool = False,
    ) -> None:
        self.provider = provider
        self.template = template
        self._masks = masks
        self._schema = answer_schema(short=short)
        self._knowledge = knowledge
        self._patience = patience
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End every wait between two requests; what is under way is given up."""
        self._stopping.set()

    def explain(self, alert: Alert, allowance: int, background: Background = NO_BACKGROUND) -> Finding:
        """Explain an alert with at most `allowance` requests; never raises.

        One answer and one repaired answer at most; a request that failed on the way may be repeated.
        """
        finding = Finding()
        started = time.monotonic()
        mask = mask_of(alert, self._knowledge) if self._masks else Mask()
        case = Case(alert, background, mask, self._facts(alert, background), self.template.system)
        try:
            self._converse(case, allowance, started + self._patience.attempt_s, finding)
        except ProviderError as error:
            # An answer that awaits repair stays what it was: unusable, but an answer.
            if finding.outcome == "running":
                finding.outcome = "error"
            finding.error = finding.error or str(error)
            finding.retry_after, finding.hopeless = error.retry_after, error.hopeless
        except Exception as error:  # noqa: BLE001 - a thread's last line: the alert must not wait for ever
            _log.exception("an explanation failed", incident=alert.incident)
            finding.outcome, finding.error, finding.hopeless = "error", type(error).__name__, True
        finding.latency_s = time.monotonic() - started
        return finding

    def _facts(self, alert: Alert, background: Background) -> Facts:
        return facts_of(alert, self._knowledge, background.devices, background.others)

    def _converse(self, case: Case, allowance: int, deadline: float, finding: Finding) -> None:
        lines = self.template.lines(case.mask.alert(case.alert), case.mask.background(case.background))
        for repaired in (False, True):
            said = self._ask(Question(lines, self._schema, MAX_ANSWER_TOKENS), allowance, deadline, finding)
            problem = judge(case, case.mask.restored(said.text), finding)
            if problem is None or repaired or finding.requests >= allowance:
                return
            lines = self.template.repair_lines(lines, case.mask.text(said.text), case.mask.text(problem))

    def _ask(self, question: Question, allowance: int, deadline: float, finding: Finding) -> Answer:
        def send() -> Answer:
            finding.requests += 1
            timeout = min(self._patience.request_s, deadline - time.monotonic())
            if timeout <= 0:
                finding.requests -= 1
                raise ProviderError("no time left", retriable=False)
            return self.provider.ask(question, timeout)

        repeats = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, ProviderError) and error.retriable),
            wait=_wait,
            stop=lambda state: self._gives_up(state, deadline, allowance - finding.requests),
            sleep=self._sleep,
            reraise=True,
        )
        said = repeats(send)
        finding.answered += 1
        finding.prompt_tokens += said.prompt_tokens
        finding.answer_tokens += said.answer_tokens
        return said

    def _sleep(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def _gives_up(self, state: RetryCallState, deadline: float, left: int) -> bool:
        too_late = time.monotonic() + state.upcoming_sleep >= deadline
        return left <= 0 or too_late or self._stopping.is_set() or stop_after_attempt(MAX_REPEATS)(state)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, ProviderError) and error.retry_after is not None:
        return error.retry_after
    return float(_WAIT(state))
