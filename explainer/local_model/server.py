"""llama.cpp's server as a service: it speaks the protocol that the explainer asks with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry

from runtime.health import Health
from runtime.lifecycle import Service
from runtime.logs import get_logger

if TYPE_CHECKING:
    from explainer.local_model.settings import LocalModelSettings

_IDLE_S = 0.2
_QUIET = -1  # llama.cpp logs every slot and token otherwise
_log = get_logger("llm")


class LocalModel(Service):
    """Serves one model; requests wait in line, one is answered at a time."""

    name = "llm"

    def __init__(self, settings: LocalModelSettings) -> None:
        self._settings = settings
        self._server: Any = None
        self.registry = CollectorRegistry()

    def start(self) -> None:
        """Load the model and listen; takes some seconds.

        Raises:
            RuntimeError: llama.cpp cannot be loaded.
        """
        xllamacpp = _llama()
        settings, params = self._settings, xllamacpp.CommonParams()
        params.model.path = str(settings.model_path)
        params.hostnames = [settings.local_model_host]
        params.port = settings.local_model_port
        params.n_ctx = settings.local_model_context
        params.n_parallel = 1
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.local_model_threads
        params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waiting threads sleep: others want the processors
        params.verbosity = _QUIET
        params.ui = False
        params.endpoint_slots = False
        self._server = xllamacpp.Server(params)
        _log.info("serving", model=settings.model_path.name, address=self.address)

    @property
    def address(self) -> str:
        """Where it listens, as a URL without `/v1`."""
        return str(self._server.listening_address)

    def step(self) -> None:
        """Wait; the server has threads of its own."""
        time.sleep(_IDLE_S)

    def stop(self) -> None:
        """Stop listening and free the model."""
        self._server = None

    def health(self) -> Health:
        """Ready once the model is loaded."""
        loaded = self._server is not None
        return Health(ready=loaded, details={"model": self._settings.model_path.name if loaded else "being loaded"})


def _llama() -> Any:  # noqa: ANN401 - it has no stubs
    try:
        import xllamacpp  # noqa: PLC0415 - so that --help works without it
    except ImportError as error:  # a library of the system's is missing
        raise RuntimeError(f"{error}; on Debian and Ubuntu: sudo apt install libgomp1") from error
    return xllamacpp
