"""An explainer on a broker in memory, with a database of its own and a model that answers as told."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from contracts.codec import encode
from contracts.topics import Topics
from explainer.bootstrap import assemble
from explainer.messages.reading_messages import MessageReader
from explainer.providers.port import Answer, Provider
from explainer.settings import ExplainerSettings
from runtime.memory_bus import MemoryBroker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from contracts.anomaly import Anomaly
    from explainer.providers.port import Question

TOPICS = Topics()
CHARACTERS_A_TOKEN = 3.5  # JSON with figures, by the tokenizer of a small Llama-like model
ANSWER_TOKENS = 230


class Fluent(Provider):
    """Answers every question with true words about its first metric, and counts tokens by length."""

    name, model = "stand-in", "meta-llama/Llama-3.3-70B-Instruct-Turbo"

    def ask(self, question: Question, timeout: float) -> Answer:  # noqa: ARG002 - it answers at once
        """Answer."""
        asked = "".join(line.text for line in question.lines)
        evidence = json.JSONDecoder().raw_decode(asked[asked.index('{"device"') :])[0]
        metric = next((one["name"] for one in evidence["metrics"]), None)
        said = f"{metric} behaves unusually" if metric else "The device has gone silent"
        answer = {
            "label": said,
            "reason": f"{said}, as the evidence shows.",
            "causes": [{"cause": "a sensor that begins to fail", "confidence": 0.5}],
            "actions": ["Compare with a second instrument"],
        }
        return Answer(json.dumps(answer), round(len(asked) / CHARACTERS_A_TOKEN), ANSWER_TOKENS)


class Hanging(Provider):
    """Never answers within its time."""

    name, model = "stand-in", "hangs"

    def ask(self, question: Question, timeout: float) -> Answer:
        """Wait."""
        time.sleep(timeout)
        return Fluent().ask(question, timeout)


class Bench:
    """Feeds an explainer and turns its loop."""

    def __init__(self, folder: Path, provider: Provider | None, **settings: Any) -> None:  # noqa: ANN401 - as the settings have it
        chosen = ExplainerSettings(database_url=f"sqlite:///{folder}/alerts.db", **settings)
        self.broker = MemoryBroker()
        bus = self.broker.client("explainer", MessageReader(TOPICS).subscriptions)
        self.detector = self.broker.client("detector", [TOPICS.every("alerts")])
        self.detector.start()
        self.service = assemble(chosen, bus, provider)
        self.service.start()

    def send(self, anomalies: Iterable[Anomaly]) -> None:
        """Publish anomalies."""
        for one in anomalies:
            self.detector.publish(TOPICS.anomalies(one.device), encode(one))

    def turn_until(self, condition: Callable[[], bool], timeout: float = 600.0) -> None:
        """Turn the loop until something is so.

        Raises:
            TimeoutError: it does not come to pass.
        """
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError
            self.service.step()
