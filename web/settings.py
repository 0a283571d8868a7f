"""Settings of the page."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from runtime.settings import Port, ServiceSettings, secret_from
from storage.database import DEFAULT_URL, checked_url
from web.users import read_users

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SHORTEST_TOKEN = 16


class WebSettings(ServiceSettings):
    """What the page can be told."""

    table: ClassVar[str] = "web"

    web_host: str = Field("127.0.0.1", min_length=1, description="address the page listens on")
    web_port: Port = Field(8088, description="port the page listens on")
    web_published: str | None = Field(
        None, description="address others reach it at, where that is not TOCSIN_WEB_HOST (a container's published port)"
    )
    web_names: str = Field("", description="further host names, by commas, the page may be called by without a login")
    web_token: SecretStr | None = Field(None, description="asked for at the login; needed unless bound to loopback")
    web_token_file: Path | None = Field(None, description="file that holds the token")
    web_users_file: Path | None = Field(None, description="file of users in place of a token: see python -m web.users")
    web_https: bool = Field(False, description="true when it stands behind HTTPS: cookies are then sent there alone")  # noqa: FBT003 - a default
    web_viewers: int = Field(200, ge=1, le=10_000, description="pages that may be open at once")
    web_rows: int = Field(1800, ge=60, le=100_000, description="newest scores kept of each device, for charts")
    database_url: str = Field(DEFAULT_URL, min_length=1, description="the alerts: sqlite:/// or postgresql://")
    detector_url: str | None = Field(
        None, pattern="^https?://", description="the detector's HTTP face, for older readings"
    )
    http_token: SecretStr | None = Field(None, description="what that asks for")

    _database_is_known = field_validator("database_url")(checked_url)

    @model_validator(mode="after")
    def _login_is_right(self) -> Self:
        if self.web_users_file is not None:
            read_users(self.web_users_file)
        token = self.login_token
        if token is not None and len(token) < _SHORTEST_TOKEN:
            raise ValueError(f"TOCSIN_WEB_TOKEN: expected at least {_SHORTEST_TOKEN} characters")
        if not self.is_private and not self.needs_login:
            raise ValueError(
                f"the page would be open to everybody at {self.web_published or self.web_host}: "
                "set TOCSIN_WEB_TOKEN or TOCSIN_WEB_USERS_FILE, or bind it to 127.0.0.1"
            )
        return self

    @property
    def login_token(self) -> str | None:
        """The token, from its file or the setting."""
        if self.web_token_file is not None:
            return secret_from(self.web_token_file)
        token = self.web_token.get_secret_value() if self.web_token else None
        return token or None

    @property
    def needs_login(self) -> bool:
        """Tell whether the page asks who is there."""
        return self.web_users_file is not None or self.login_token is not None

    @property
    def is_private(self) -> bool:
        """Tell whether only this machine reaches the page."""
        return (self.web_published or self.web_host) in LOOPBACK

    @property
    def known_names(self) -> frozenset[str]:
        """The host names that the page may be called by while it has no login."""
        return LOOPBACK | {name.strip().lower() for name in self.web_names.split(",") if name.strip()}
