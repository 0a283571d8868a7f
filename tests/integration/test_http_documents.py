"""What the docs say of the HTTP face."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from detector.http import page
from tests.neighbour.served import served

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("file", "write"), [("detector-openapi.json", page.text), ("detector-api.md", page.page)], ids=["json", "page"]
)
def test_generated_documents_are_up_to_date(file: str, write: object) -> None:
    """The documents say what the code does; `make docs` writes them anew."""
    assert callable(write)
    assert (DOCS / file).read_text(encoding="utf-8") == write(page.document()), "run: make docs"


def test_the_example_of_moving_over_runs(tmp_path: Path) -> None:
    """The program on the page finds its gross row and its gross sample."""
    found = re.search(r"```python\n(.*?)```", (DOCS / "neighbour-api.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    with served(tmp_path) as base:
        environment = {**os.environ, "LLAMAFARM_URL": base}
        program = [sys.executable, "-c", found[1]]
        lines = subprocess.check_output(program, env=environment, text=True).splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["False", "True"]
    assert any(line.startswith("sample 90: ") for line in lines[2:])
