from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import Topics
from tocsin.broker.accounts import AccountError, Accounts
from tocsin.broker.acl import ACCOUNTS, acl_text
from tocsin.broker.passwords import hashed, matches, new_password
from tocsin.compose_settings import Door, device_door, setting
from tocsin.prepare import note_owner, prepare, service_owner

if TYPE_CHECKING:
    from pathlib import Path

# Made by `mosquitto_passwd -b` for the password "tocsin".
OF_MOSQUITTO = (
    "$7$101$2Y8qlmw8h48BletC$gz2ooX6++6NxeaGeinESyCb1Ic/fgKnp8hzMoECy3H06QZWJf/FWVGCaQjitleGZfngK1ckexACuv/G8cau+oQ=="
)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "secrets", Topics())


def broker_file(accounts: Accounts, name: str) -> str:
    return (accounts.directory / "broker" / name).read_text(encoding="utf-8")


def test_every_stage_gets_an_account(accounts: Accounts) -> None:
    """After init each account of the matrix has a password, and its hash is in the broker's file."""
    accounts.init()
    written = dict(line.split(":", 1) for line in broker_file(accounts, "passwd").splitlines())
    assert set(written) == set(ACCOUNTS)
    assert all(matches(accounts.password(name), written[name]) for name in ACCOUNTS)


def test_init_twice_changes_nothing(accounts: Accounts) -> None:
    """A second init keeps passwords and hashes byte for byte."""
    accounts.init()
    accounts.add_device("boiler")
    before = {file: file.read_bytes() for file in accounts.directory.rglob("*") if file.is_file()}
    accounts.init()
    assert before == {file: file.read_bytes() for file in accounts.directory.rglob("*") if file.is_file()}


def test_files_are_private(accounts: Accounts) -> None:
    """Nobody but the owner may read a password, a hash or the directory."""
    accounts.init()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in accounts.directory.rglob("*")}
    assert modes == {0o600, 0o700}


def test_a_changed_password_is_hashed_again(accounts: Accounts) -> None:
    """A password that a person wrote into its file is the one the broker gets."""
    accounts.init()
    (accounts.directory / "producer.password").write_text("mine\n", encoding="utf-8")
    accounts.init()
    written = dict(line.split(":", 1) for line in broker_file(accounts, "passwd").splitlines())
    assert matches("mine", written["producer"])


def test_a_device_may_write_its_own_topic_only(accounts: Accounts) -> None:
    """A device's block of the ACL holds one write line and no read line."""
    account = accounts.add_device("boiler")
    block = broker_file(accounts, "acl").split("user device-boiler\n")[1].split("user ")[0]
    assert block.split("\n") == ["topic write tocsin/readings/boiler", ""]
    assert (account.username, account.topic) == ("device-boiler", "tocsin/readings/boiler")


def test_adding_a_device_twice_gives_the_same_account(accounts: Accounts) -> None:
    """A device that has an account keeps its password."""
    assert accounts.add_device("boiler") == accounts.add_device("boiler")


def test_a_removed_device_is_unknown_to_the_broker(accounts: Accounts) -> None:
    """Removing takes the password and both entries away; removing again is refused by name."""
    accounts.add_device("boiler")
    accounts.remove_device("boiler")
    assert "boiler" not in broker_file(accounts, "acl") + broker_file(accounts, "passwd")
    with pytest.raises(AccountError, match="'boiler' has no account"):
        accounts.remove_device("boiler")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=16))
def test_a_device_name_never_breaks_the_broker_files(tmp_path_factory: pytest.TempPathFactory, device: str) -> None:
    """Whatever the name, the ACL gains one user line and one literal topic, or the name is refused."""
    accounts = Accounts(tmp_path_factory.mktemp("secrets"), Topics())
    try:
        account = accounts.add_device(device)
    except AccountError:
        assert not device.isprintable() or device.isspace()
        return
    lines = broker_file(accounts, "acl").splitlines()
    assert lines[-2:] == [f"user {account.username}", f"topic write {account.topic}"]
    assert not set(account.topic) & set("+# ")
    assert accounts.devices() == [device]
    assert f"{account.username}:$7$" in broker_file(accounts, "passwd")


@pytest.mark.parametrize("name", ["", "  ", "a\nuser operator", "\u202edevice", "日" * 129, "😀" * 40])
def test_a_bad_device_name_is_refused(accounts: Accounts, name: str) -> None:
    """Names that no topic or file can carry are refused before anything is written."""
    with pytest.raises(AccountError):
        accounts.add_device(name)
    assert not accounts.directory.exists()


def test_the_prefix_moves_every_topic() -> None:
    """With another prefix no line of the ACL but the broker's own counters stands outside it."""
    topics = [line.split(" ", 2)[2] for line in acl_text(Topics("plant/7"), ["a"]).splitlines() if "topic " in line]
    assert all(topic.startswith(("plant/7/", "$SYS/broker/", "homeassistant/")) for topic in topics)


def test_an_empty_password_file_is_named(accounts: Accounts) -> None:
    """An empty password would lock a service out; the error names the file and the way out."""
    accounts.init()
    (accounts.directory / "detector.password").write_text("", encoding="utf-8")
    with pytest.raises(AccountError, match=r"detector\.password is empty; delete it"):
        accounts.init()


def test_hashes_are_those_of_mosquitto() -> None:
    """A hash that mosquitto_passwd made is recognised, and a wrong password is not."""
    assert matches("tocsin", OF_MOSQUITTO)
    assert not matches("Tocsin", OF_MOSQUITTO)


@pytest.mark.parametrize("broken", ["", "$7$", "$6$salt$hash", "$7$x$AAAA$AAAA", "$7$101$!$!", "plain"])
def test_a_broken_hash_matches_nothing(broken: str) -> None:
    """Whatever stands in the file, reading it raises nothing."""
    assert not matches("tocsin", broken)


def test_passwords_are_new_and_safe_to_type() -> None:
    """Every password differs, and none begins with a dash or needs quoting."""
    passwords = {new_password() for _ in range(200)}
    assert len(passwords) == 200
    assert all(password.isalnum() and len(password) == 24 for password in passwords)
    assert hashed("x") != hashed("x")


def test_settings_come_from_the_environment_then_from_the_file(tmp_path: Path) -> None:
    """As with docker compose the environment wins, then `.env`, then the default."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("# a comment\nTOCSIN_PORT='2883'\nTOCSIN_BIND=\n", encoding="utf-8")
    assert setting("TOCSIN_PORT", "1883", {}, dotenv) == "2883"
    assert setting("TOCSIN_PORT", "1883", {"TOCSIN_PORT": "3883"}, dotenv) == "3883"
    assert setting("TOCSIN_BIND", "127.0.0.1", {}, dotenv) == "127.0.0.1"


@pytest.mark.parametrize(
    ("bind", "host", "port"),
    [
        ("127.0.0.1", "localhost", 1883),
        ("0.0.0.0", "localhost", 1884),  # noqa: S104 - what a person sets
        ("10.0.0.5", "10.0.0.5", 1884),
    ],
)
def test_a_device_is_sent_to_the_open_door(tmp_path: Path, bind: str, host: str, port: int) -> None:
    """Devices use the loopback door until the broker is opened, then the door without anonymous clients."""
    door = device_door({"TOCSIN_BIND": bind}, tmp_path / ".env")
    assert (door.host, door.port) == (host, port)
    assert isinstance(door, Door)


def test_prepare_makes_what_the_containers_mount(tmp_path: Path) -> None:
    """Directories, accounts and owner exist afterwards, and belong to whom the services run as."""
    owner = service_owner({})
    prepare(tmp_path / "data", tmp_path / "secrets", Topics(), owner)
    note_owner(tmp_path / ".env", owner, {})
    note_owner(tmp_path / ".env", owner, {})
    mounted = ["data", "data/detector", "data/mosquitto", "secrets/broker/passwd", "secrets/explainer.password"]
    assert {(tmp_path / name).stat().st_uid for name in mounted} == {owner.uid}
    assert (tmp_path / ".env").read_text(encoding="utf-8").count(f"TOCSIN_UID={owner.uid}\n") == 1
    assert owner.uid != 0


def test_foreign_topics_are_granted_to_those_who_listen(accounts: Accounts) -> None:
    """The detector and the operator may read them, and no line of another account says so."""
    accounts.grant_foreign(["zigbee2mqtt/#", "site1/+/state"])
    written = (accounts.directory / "broker" / "acl").read_text(encoding="utf-8")
    blocks = {block.splitlines()[0]: block for block in written.split("\n\n") if block.startswith("user ")}
    holders = {name for name, block in blocks.items() if "topic read zigbee2mqtt/#" in block}
    assert holders == {"user detector", "user operator"}
    accounts.grant_foreign([])
    assert "zigbee2mqtt" not in (accounts.directory / "broker" / "acl").read_text(encoding="utf-8")


def test_a_gateway_may_use_its_own_topics(accounts: Accounts) -> None:
    """Beside its readings; what it may use goes with its account."""
    accounts.use_topics("zigbee", ["zigbee2mqtt/#"])
    accounts.add_device("zigbee")
    assert "topic readwrite zigbee2mqtt/#" in (accounts.directory / "broker" / "acl").read_text(encoding="utf-8")
    accounts.remove_device("zigbee")
    assert "zigbee2mqtt" not in (accounts.directory / "broker" / "acl").read_text(encoding="utf-8")


@pytest.mark.parametrize("topic_filter", ["#", "+/#", "a/#/b", "a b\nuser x", "", " a/#"])
def test_a_filter_that_is_none_or_takes_in_everything_is_refused(accounts: Accounts, topic_filter: str) -> None:
    """Nobody can smuggle a line into the ACL, and the whole broker is never granted."""
    with pytest.raises(AccountError, match="topic filter"):
        accounts.grant_foreign([topic_filter])
