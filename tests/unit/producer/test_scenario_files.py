from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pytest

from producer.errors import ScenarioError
from producer.simulator.fault_plan import FaultPlan
from producer.simulator.scenario_files import load_scenario, scenario_names

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[profiles.motor.metrics.temperature]
baseline = 60
noise = 0.1
[[devices]]
name = "motor"
profile = "motor"
interval_s = 1
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plant.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_scenarios_of_the_package() -> None:
    """The four scenarios that come with the package can be loaded by name."""
    assert scenario_names() == ("factory", "fleet", "quiet", "storm")
    loaded = {name: load_scenario(name) for name in scenario_names()}
    assert len(loaded["quiet"].members()) == 50
    assert not loaded["quiet"].faults
    assert len(loaded["fleet"].members()) == 500
    assert 6 <= len(loaded["factory"].members()) <= 10


def test_no_simulated_device_has_the_name_of_the_users_example() -> None:
    """Whoever follows the examples with a device called boiler must not share it with the simulator."""
    names = {member.device for name in scenario_names() for member in load_scenario(name).members()}
    assert "boiler" not in names


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_first_fault_of_the_factory_comes_soon(seed: int) -> None:
    """The factory's first fault comes 38 to 44 s after the start, when a detector is ready for it."""
    first = FaultPlan(load_scenario("factory"), seed).extend(100)[0]
    assert 38 <= first.start <= 44


def test_scenario_from_a_path(tmp_path: Path) -> None:
    """A path loads a scenario that is named after its file."""
    assert load_scenario(written(tmp_path, GOOD)).name == "plant"


def test_the_documented_example_loads(tmp_path: Path) -> None:
    """The example in the scenarios' README is a scenario that runs as it says."""
    text = resources.files("producer.simulator.scenarios").joinpath("README.md").read_text(encoding="utf-8")
    scenario = load_scenario(written(tmp_path, text.split("```toml")[1].split("```")[0]))
    assert [member.device for member in scenario.members()] == ["pump-1", "pump-2", "pump-3"]
    first = FaultPlan(scenario, 1).extend(100)[0]
    assert 60 <= first.start <= 70


def test_unknown_scenario_is_named() -> None:
    """An unknown name is refused with the names there are."""
    with pytest.raises(ScenarioError, match=r"no scenario 'nuclear'.*factory, fleet, quiet, storm"):
        load_scenario("nuclear")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (
            ("noise = 0.1", "noise = -1"),
            r"profiles\.motor\.metrics\.temperature\.noise: .*greater than or equal to 0.*-1",
        ),
        (("noise = 0.1", "noize = 0.1"), r"profiles\.motor\.metrics\.temperature\.noize: Extra inputs"),
        (("interval_s = 1", "interval_s = 0"), r"devices\.0\.interval_s"),
        (('profile = "motor"', 'profile = "pump"'), r"devices\.0\.profile: no profile 'pump'"),
        (('name = "motor"', 'name = "motor"\ncount = 2'), r"devices\.0: name must hold \{n\}"),
        (
            ("noise = 0.1", "follows = { load = 1 }"),
            r"profiles\.motor: metrics\.temperature\.follows: no driver 'load'",
        ),
        (
            ("[[devices]]", "[[devices]]\nname = 'motor'\nprofile = 'motor'\ninterval_s = 1\n[[devices]]"),
            "is there twice",
        ),
        (("noise = 0.1", "noise = 0.1\nevery = 3"), "in every reading"),
        (("noise = 0.1", "noise = = 1"), "Invalid value"),
    ],
)
def test_errors_name_file_and_key(tmp_path: Path, change: tuple[str, str], key: str) -> None:
    """Whatever is wrong with a file, the error names the file and the key."""
    path = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(ScenarioError, match=key) as caught:
        load_scenario(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("schedule", "key"),
    [
        ("kinds = { explosion = 1 }\nfirst_after_s = [1, 2]\ncount = 1", r"faults\.0\.kinds\.explosion"),
        ("kinds = { spike = 1 }\nfirst_after_s = [2, 1]\ncount = 1", r"faults\.0\.first_after_s: the first"),
        ("kinds = { spike = 1 }\nfirst_after_s = [1, 2]", r"faults\.0: every_s is needed"),
        (
            "kinds = { spike = 1 }\nfirst_after_s = [1, 2]\ncount = 1\ndevices = ['x*']",
            r"faults\.0\.devices: no device",
        ),
    ],
)
def test_errors_in_fault_schedules(tmp_path: Path, schedule: str, key: str) -> None:
    """A fault schedule that cannot work is refused with its key."""
    with pytest.raises(ScenarioError, match=key):
        load_scenario(written(tmp_path, f"{GOOD}\n[[faults]]\n{schedule}\n"))


def test_all_errors_at_once(tmp_path: Path) -> None:
    """Every wrong key of a file is told at once."""
    path = written(tmp_path, GOOD.replace("noise = 0.1", "noise = -1").replace("interval_s = 1", "interval_s = 0"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert len(str(caught.value).splitlines()) == 2
