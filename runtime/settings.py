"""Settings of a service: environment variables over an optional TOML file, all errors at once."""

from __future__ import annotations

import os
import tomllib
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from runtime.logs import LogFormat, LogLevel
from runtime.mqtt.connection import BrokerConnection, Protocol

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PREFIX = "TOCSIN_"
CONFIG_VARIABLE = PREFIX + "CONFIG"

_OTHERS_MAY_READ = 0o004
Port = Annotated[int, Field(ge=1, le=65_535)]


class SettingsError(Exception):
    """One or more settings are wrong; the text names each key, its value and what was expected."""


class ServiceSettings(BaseSettings):
    """What every service can be told. A service adds its own fields in a subclass and names its TOML table."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")
    table: ClassVar[str] = ""

    broker_host: str = Field("localhost", min_length=1, description="host name of the MQTT broker")
    broker_port: Port = Field(1883, description="port of the MQTT broker")
    broker_username: str | None = Field(None, description="account on the broker")
    broker_password: SecretStr | None = Field(None, description="its password")
    broker_password_file: Path | None = Field(None, description="file that holds the password")
    broker_ca_file: Path | None = Field(None, description="CA certificates; switches TLS on")
    broker_protocol: Protocol = Field("5", description="MQTT version, 5 or 3.1.1")
    topic_prefix: str = Field("tocsin", min_length=1, description="first level(s) of every topic of ours")
    instance: str = Field("1", min_length=1, max_length=64, description="name of this copy of the service")
    health_host: str = Field("127.0.0.1", description="address of the health and metrics page")
    health_port: int = Field(0, ge=0, le=65_535, description="port of the health and metrics page, 0 for none")
    log_level: LogLevel = Field("info", description="debug, info, warning or error")
    log_format: LogFormat = Field("auto", description="console, json, or auto: by the terminal")

    @model_validator(mode="after")
    def _password_file_is_private(self) -> Self:
        if self.broker_password_file is not None:
            secret_from(self.broker_password_file)
        return self

    @property
    def connection(self) -> BrokerConnection:
        """Where the broker is and how to log in."""
        password = self.broker_password.get_secret_value() if self.broker_password else None
        if self.broker_password_file is not None:
            password = secret_from(self.broker_password_file)
        return BrokerConnection(
            host=self.broker_host,
            port=self.broker_port,
            username=self.broker_username,
            password=password,
            ca_file=self.broker_ca_file,
            protocol=self.broker_protocol,
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let what the code says win over the environment, and that over the file."""
        return (init_settings, env_settings, _FileSource(settings_cls))


_S = TypeVar("_S", bound=ServiceSettings)


def load_settings(cls: type[_S], **overrides: Any) -> _S:  # noqa: ANN401 - of any setting
    """Read the settings of a service.

    Args:
        cls: the service's settings class.
        overrides: values that win over everything, from a command line.

    Raises:
        SettingsError: the file or at least one value is wrong; all errors are named.
    """
    try:
        return cls(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_said(cls, one) for one in error.errors())) from error
    except SourceError as error:  # a list or a table in a variable
        raise SettingsError(f"{error}: expected JSON") from error


def describe_settings(cls: type[ServiceSettings]) -> str:
    """List every setting with its default, for `--help`."""
    lines = [f"{CONFIG_VARIABLE:34} a TOML file; its table [{cls.table}] wins over its top level"]
    for name, field in cls.model_fields.items():
        default = "" if field.default in {None, ()} else f" (default: {field.default})"
        lines.append(f"{PREFIX + name.upper():34} {field.description}{default}")
    return "\n".join(lines)


def secret_from(path: Path) -> str:
    """Read a secret from a file that others may not read.

    Raises:
        ValueError: the file cannot be read, is empty, or may be read by everybody.
    """
    try:
        if path.stat().st_mode & _OTHERS_MAY_READ:
            raise ValueError(f"{path} may be read by everybody; run: chmod o-r {path}")
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from error
    if not secret:
        raise ValueError(f"{path} is empty: it should hold the secret, and nothing else")
    return secret


class _FileSource(PydanticBaseSettingsSource):
    """The TOML file, its own table of the service over its top level."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic's
        """Not asked: the file is read as a whole."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Read the file."""
        return _from_file(str(getattr(self.settings_cls, "table", "")))


def _from_file(table: str) -> dict[str, Any]:
    name = os.environ.get(CONFIG_VARIABLE)
    if not name:
        return {}
    try:
        document = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{CONFIG_VARIABLE} = {name!r}: expected a readable TOML file ({error})") from error
    shared = {key: value for key, value in document.items() if not isinstance(value, dict)}
    return {**shared, **document.get(table, {})}


def _said(cls: type[ServiceSettings], error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    key = ".".join(str(part) for part in error["loc"])
    if not key:
        return str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return f"{key}: no setting of this name; see --help"
    name = key if _in_a_table(error["loc"]) else PREFIX + str(error["loc"][0]).upper()
    if error["type"] == "missing":
        return f"{name}: missing"
    secret = key in cls.model_fields and "Secret" in str(cls.model_fields[key].annotation)
    value = "********" if secret else _shown(error["input"])
    return f"{name} = {value}: {error['msg'].removeprefix('Value error, ')}"


def _in_a_table(place: tuple[int | str, ...]) -> bool:
    """Tell whether an error's place is inside a list of tables; elsewhere, what follows the name is pydantic's own."""
    return len(place) > 1 and isinstance(place[1], int)


def _shown(value: object) -> str:
    """Write a value; a table as in TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_shown(one)}" for key, one in value.items()) + "}"
    return str(value) if isinstance(value, datetime | time) else repr(value)
