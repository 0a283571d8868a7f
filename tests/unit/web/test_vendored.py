from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[3] / "web"
VENDOR = WEB / "static" / "vendor"


@pytest.mark.slow
def test_vendored_files_are_those_of_the_locked_packages(tmp_path: Path) -> None:
    """What the page is served with is what npm gives for the lock file, byte for byte."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not here: the vendored files are not compared with their packages")
    done = subprocess.run(
        [WEB / "vendor.sh", tmp_path], check=False, capture_output=True, text=True, timeout=300, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    fresh = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    ours = {file.relative_to(VENDOR): file.read_bytes() for file in VENDOR.rglob("*") if file.is_file()}
    assert fresh.keys() == ours.keys()
    assert fresh == ours


def test_vendored_code_comes_with_its_licence() -> None:
    """Each vendored package lies beside its licence."""
    for folder in VENDOR.iterdir():
        assert (folder / "LICENSE").exists(), folder
