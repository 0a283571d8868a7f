"""Settings of the detector's HTTP face."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from runtime.settings import Port, ServiceSettings


class HttpSettings(ServiceSettings):
    """Where the HTTP face listens, and what it lets in."""

    http_ports: Annotated[tuple[Port, ...], NoDecode, Field(max_length=8)] = Field(
        (), description="ports of the HTTP face, such as 8000,14345; none: it is off"
    )
    http_host: str = Field("127.0.0.1", min_length=1, description="address that the HTTP face listens on")
    http_names: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="names it may be called by beside localhost; any, if none and it listens elsewhere"
    )
    http_token: SecretStr | None = Field(None, min_length=16, description="what each request must carry as Bearer")
    http_max_streams: int = Field(1000, ge=1, le=100_000, description="streams, and buffers, held at most")
    http_max_mebibytes: int = Field(32, ge=1, le=1024, description="largest body of a request, in MiB")

    @field_validator("http_ports", "http_names", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Read `8000,14345`; a single number from a file will do."""
        if isinstance(value, int):
            return (value,)
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("http_ports")
    @classmethod
    def _each_once(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) < len(value):
            raise ValueError("each port once")
        return value
