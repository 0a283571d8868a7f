"""The file of outputs: who is told what, and when."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contracts.anomaly import Severity
from explainer.outputs.errors import OutputError
from explainer.outputs.quiet import QuietHours, read_hours
from runtime.settings import secret_from
from storage.rows import SEVERITY_RANK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Kind = Literal["json", "slack", "ntfy", "apprise"]
OutputNews = Literal[
    "opened", "worsened", "closed", "reopened", "woken", "reminded", "handled", "explained", "unexplained", "digest"
]
_USUAL: tuple[OutputNews, ...] = ("opened", "worsened", "closed", "reopened", "woken", "reminded", "digest")


@dataclass(frozen=True, slots=True)
class Output:
    """One place that is told of alerts.

    Attributes:
        url: where; it may hold a password, so it is shown nowhere.
        token: sent as `Authorization: Bearer`, None for none.
        severity_rank: at least so severe.
        loud_rank: from here on quiet hours do not hold.
        per_hour: messages in any hour at most; what is more is told in one summary later.
    """

    name: str
    kind: Kind
    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    severity_rank: int = 0
    news: tuple[str, ...] = _USUAL
    devices: tuple[str, ...] = ("*",)
    per_hour: int = 30
    quiet: QuietHours | None = None
    loud_rank: int = SEVERITY_RANK["critical"]

    def wants(self, news: str, device: str | None, severity_rank: int) -> bool:
        """Tell whether it shall hear of something; a digest is of no device and no severity."""
        if news not in self.news:
            return False
        if device is None:
            return True
        return severity_rank >= self.severity_rank and any(fnmatchcase(device, one) for one in self.devices)

    def told_at(self, now: datetime, severity_rank: int) -> datetime:
        """Return when it may be told: now, or when quiet hours are over."""
        over = None if self.quiet is None or severity_rank >= self.loud_rank else self.quiet.over_at(now)
        return over or now


class _Entry(BaseModel):
    """One `[[output]]` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    kind: Kind
    url: str | None = None
    url_env: str | None = None
    url_file: Path | None = None
    token_env: str | None = None
    token_file: Path | None = None
    severity: Severity = "minor"
    news: tuple[OutputNews, ...] = _USUAL
    devices: tuple[str, ...] = ("*",)
    per_hour: Annotated[int, Field(ge=1, le=3600)] = 30
    quiet: str | None = None
    zone: str = "UTC"
    loud: Severity = "critical"

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if sum(one is not None for one in (self.url, self.url_env, self.url_file)) != 1:
            raise ValueError("expected one of url, url_env and url_file")
        self.hours()
        return self

    def hours(self) -> QuietHours | None:
        if self.quiet is None:
            return None
        try:
            zone = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"zone {self.zone!r}: expected one such as Europe/Berlin") from None
        return QuietHours(*read_hours(self.quiet), zone)

    def output(self, environment: Mapping[str, str]) -> Output:
        url = _secret("url", self.url, self.url_env, self.url_file, environment)
        token = _secret("token", None, self.token_env, self.token_file, environment)
        if url is None:
            raise ValueError("expected one of url, url_env and url_file")
        if self.kind != "apprise" and not url.startswith(("http://", "https://")):
            raise ValueError(f"expected an address that begins with https:// or http:// for kind {self.kind!r}")
        return Output(
            name=self.name,
            kind=self.kind,
            url=url,
            token=token,
            severity_rank=SEVERITY_RANK[self.severity],
            news=self.news,
            devices=self.devices,
            per_hour=self.per_hour,
            quiet=self.hours(),
            loud_rank=SEVERITY_RANK[self.loud],
        )


def load_outputs(path: Path, environment: Mapping[str, str]) -> list[Output]:
    """Read the file of outputs.

    Args:
        path: a TOML file of `[[output]]` tables.
        environment: where `url_env` and `token_env` are looked up.

    Raises:
        OutputError: it cannot be read or something in it is wrong; every mistake is named, no secret is.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OutputError(f"{path}: expected a readable TOML file ({error})") from error
    entries = document.get("output")
    if not isinstance(entries, list) or set(document) != {"output"}:
        raise OutputError(f"{path}: expected [[output]] tables and nothing else")
    outputs, problems = [], []
    for number, entry in enumerate(entries, 1):
        try:
            outputs.append(_Entry.model_validate(entry).output(environment))
        except ValidationError as error:
            problems += [f"{path}: output {_named(entry, number)}: {_said(one)}" for one in error.errors()]
        except ValueError as error:
            problems.append(f"{path}: output {_named(entry, number)}: {error}")
    names = [output.name for output in outputs]
    problems += [
        f"{path}: output {name!r}: the name stands twice" for name in sorted(set(names)) if names.count(name) > 1
    ]
    if problems:
        raise OutputError("\n".join(problems))
    return outputs


def _secret(
    what: str, plain: str | None, variable: str | None, file: Path | None, environment: Mapping[str, str]
) -> str | None:
    if file is not None:
        return secret_from(file)
    if variable is None:
        return plain
    if not environment.get(variable):
        raise ValueError(f"{what}_env: the variable {variable} is not set")
    return environment[variable]


def _named(entry: Any, number: int) -> str:  # noqa: ANN401 - whatever stands in the file
    name = entry.get("name") if isinstance(entry, dict) else None
    return repr(name) if isinstance(name, str) else str(number)


def _said(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    key = ".".join(str(part) for part in error["loc"])
    words = str(error["msg"]).removeprefix("Value error, ")
    return f"{key}: {words}" if key else words
