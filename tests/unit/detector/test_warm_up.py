from __future__ import annotations

from typing import TYPE_CHECKING

from detector.warm_up import main

if TYPE_CHECKING:
    import pytest


def test_the_kernels_are_compiled_by_the_command_of_the_image(capsys: pytest.CaptureFixture[str]) -> None:
    """The command goes through learning and trouble without error and says how long it took."""
    assert main() == 0
    assert capsys.readouterr().out.startswith("kernels ready after ")
