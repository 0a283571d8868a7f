"""The HTTP face against its own OpenAPI document: no request gets an answer that it does not announce."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.neighbour.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = Path(__file__).parents[1] / "neighbour" / "schemathesis.toml"
PROGRAM = Path(sysconfig.get_path("scripts")) / "schemathesis"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that has a model under the name that requests take when they name none."""
    with served(tmp_path_factory.mktemp("schema")) as url:
        rows = {"data": [[float(number % 7)] for number in range(60)]}
        assert httpx.post(f"{url}/v1/ml/anomaly/fit", json=rows, timeout=60).status_code == 200
        yield url


@pytest.mark.slow
@pytest.mark.skipif(not PROGRAM.exists(), reason="schemathesis is not installed: pip install -e .[dev]")
def test_every_answer_is_announced(base: str, tmp_path: Path) -> None:
    """No request, right or wrong, makes an error of the server or gets an answer that the document does not have."""
    command = [str(PROGRAM), "--config-file", str(CONFIG), "run", f"{base}/openapi.json"]
    terms = ["--max-examples", "10", "--seed", "1", "--phases", "coverage,fuzzing", "--generation-database", "none"]
    run = subprocess.run([*command, *terms, "--no-color"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, "\n".join(line[:300] for line in run.stdout.splitlines())[-6000:]
