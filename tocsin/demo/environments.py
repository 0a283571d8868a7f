"""The environment that each service of the demo is started in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.demo import local_llm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.broker.local_broker import LocalBroker
    from tocsin.demo.folder import DemoFolder

# Where the broker is, and what belongs to one service alone, is ours to say; the rest is the caller's.
_OURS = ("TOCSIN_BROKER_", "TOCSIN_HEALTH_", "TOCSIN_CONFIG", "TOCSIN_INSTANCE", "TOCSIN_TOPIC_PREFIX")


@dataclass(frozen=True, slots=True)
class Environments:
    """What the services are told.

    Attributes:
        caller: the caller's environment.
        folder: where their files go.
        broker: where they meet.
        scenario: what the producer simulates.
        web_port, http_port: of the page and of the detector's HTTP face.
        llm_port: of the language model served here, 0 for none.
    """

    caller: Mapping[str, str]
    folder: DemoFolder
    broker: LocalBroker
    scenario: str
    web_port: int
    http_port: int
    llm_port: int

    def of(self, service: str, health_port: int) -> dict[str, str]:
        """Return the environment of one service."""
        return {
            **{key: value for key, value in self.caller.items() if not key.startswith(_OURS)},
            "TOCSIN_BROKER_HOST": "127.0.0.1",
            "TOCSIN_BROKER_PORT": str(self.broker.port),
            "TOCSIN_BROKER_PROTOCOL": self.broker.program.protocol,
            "TOCSIN_HEALTH_PORT": str(health_port),
            "TOCSIN_LOG_FORMAT": "json",
            **self._own()[service],
        }

    def _own(self) -> dict[str, dict[str, str]]:
        database = {"TOCSIN_DATABASE_URL": f"sqlite:///{self.folder.database.resolve()}"}
        return {
            "detector": {
                "TOCSIN_STATE_DIR": str(self.folder.detector.resolve()),
                "TOCSIN_HTTP_PORTS": f"{self.http_port},{self.caller.get('TOCSIN_HTTP_PORTS', '')}",
            },
            "explainer": {**database, **(local_llm.asking(self.llm_port) if self.llm_port else {})},
            "web": {
                **database,
                "TOCSIN_WEB_PORT": str(self.web_port),
                "TOCSIN_DETECTOR_URL": f"http://127.0.0.1:{self.http_port}",
            },
            "producer": {"TOCSIN_SCENARIO": self.scenario},
            "llm": local_llm.serving(self.llm_port),
        }


def model_words(environ: Mapping[str, str]) -> str | None:
    """Say which model explains in an environment, None for no model."""
    if not (environ.get("TOGETHER_API_KEY") or environ.get("TOCSIN_LLM_BASE_URL") or environ.get("TOCSIN_LLM_API_KEY")):
        return None
    return environ.get("TOCSIN_LLM_MODEL") or environ.get("TOCSIN_LLM_BASE_URL") or "Together AI"
