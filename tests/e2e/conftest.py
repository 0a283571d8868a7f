"""The whole site in containers: its own project, directories, passwords and ports."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.topics import Topics
from tests.mqtt_speaker import Speaker
from tocsin.broker.accounts import Accounts
from tocsin.broker.local_broker import free_port
from tocsin.prepare import prepare, service_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PROJECT = f"tocsin-e2e-{os.getpid()}"
ALL_PROFILES = ("--profile", "tools", "--profile", "postgres", "--profile", "llm")
PAGE = ("TOCSIN_WEB_BIND", "TOCSIN_WEB_TOKEN", "TOCSIN_WEB_NAMES")
COMPOSE = "docker compose --env-file /dev/null"  # not the settings of a site that runs on this machine


@dataclass(frozen=True)
class Site:
    """What a test knows of the running containers."""

    project: str
    data: Path
    accounts: Accounts
    port: int
    device_port: int
    web_port: int
    http_port: int

    def compose(self, *words: str, timeout: float = 300) -> str:
        """Run `docker compose` and return what it prints; what it complains of is shown by pytest."""
        command = [*COMPOSE.split(), "-p", self.project, *words]
        done = subprocess.run(
            command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def client(self, account: str | None, *, port: int | None = None) -> Speaker:
        """Connect from this machine through the published port."""
        password = None if account is None else self.accounts.password(account)
        return Speaker(port or self.port, account, password)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs Docker: skipped where there is none, but not in CI."""
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    missing = "" if os.environ.get("CI") else _missing_docker()
    for item in here:
        item.add_marker(pytest.mark.containers)
        if missing:
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    """Tell pytest-docker which file."""
    return str(ROOT / "docker-compose.yml")


@pytest.fixture(scope="session")
def docker_compose_command() -> str:
    """Tell pytest-docker how to call it."""
    return COMPOSE


@pytest.fixture(scope="session")
def docker_compose_project_name() -> str:
    """Keep apart from a site that runs on this machine."""
    return PROJECT


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    """Build, then let health checks decide: all healthy within a minute, or the tests fail."""
    return ["--profile tools build", "up --no-build --detach --wait --wait-timeout 60"]


@pytest.fixture(scope="session")
def docker_cleanup() -> list[str]:
    """Say at the end what the services said, then leave nothing behind."""
    return ["--profile tools down --volumes --timeout 5"]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Make directories and accounts as `make up` does."""
    with preparing(tmp_path_factory.mktemp("site"), PROJECT) as site:
        yield site


@contextmanager
def preparing(directory: Path, project: str) -> Iterator[Site]:
    """Make directories, accounts and settings of a site of its own; in the end nothing of it is left."""
    ports = (free_port() for _ in range(4))
    site = Site(project, directory / "data", Accounts(directory / "secrets", Topics()), *ports)
    owner = service_owner(os.environ)
    settings = {
        "TOCSIN_DATA": str(site.data),
        "TOCSIN_SECRETS": str(site.accounts.directory),
        "TOCSIN_PORT": str(site.port),
        "TOCSIN_DEVICE_PORT": str(site.device_port),
        "TOCSIN_WEB_PORT": str(site.web_port),
        "TOCSIN_HTTP_PORT": str(site.http_port),
        "TOCSIN_UID": str(owner.uid),
        "TOCSIN_GID": str(owner.gid),
        "DOCKER_BUILDKIT": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "TOGETHER_API_KEY",
            "TOCSIN_LLM_BASE_URL",
            "TOCSIN_LLM_MODEL",
            "TOCSIN_LLM_TEMPLATE",
            "TOCSIN_DATABASE_URL",
            "TOCSIN_BIND",
            "TOCSIN_HTTP_TOKEN",
            "TOCSIN_SCENARIO",
            *PAGE,
        ):
            patch.delenv(name, raising=False)
        for name, value in settings.items():
            patch.setenv(name, value)
        prepare(site.data, site.accounts.directory, Topics(), owner)
        yield site
        print(site.compose("logs", "--no-color", "--tail", "50"))  # noqa: T201 - shown when a test fails
        site.compose(*ALL_PROFILES, "down", "--volumes", "--timeout", "5")


@pytest.fixture(scope="session")
def site(prepared: Site, request: pytest.FixtureRequest) -> Site:
    """Bring everything up with pytest-docker."""
    request.getfixturevalue("docker_services")
    return prepared


def _missing_docker() -> str:
    try:
        subprocess.run(["docker", "compose", "version"], check=True, capture_output=True)  # noqa: S607
        subprocess.run(["docker", "info"], check=True, capture_output=True)  # noqa: S607
    except (OSError, subprocess.CalledProcessError):
        return "no Docker with Compose here"
    return ""
