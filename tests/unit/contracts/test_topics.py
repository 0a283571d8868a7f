"""Topic names and device names as topic levels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import TopicError
from contracts.topics import Topics, decode_level, encode_level, is_name

names = st.text(min_size=1, max_size=128).filter(is_name)


@given(names)
def test_a_name_survives_its_topic_level(name: str) -> None:
    """Encoding is reversible for every name, and the level is safe on every broker."""
    level = encode_level(name)
    assert decode_level(level) == name
    assert not set(level) & set("/+# \0")
    assert not level.startswith("$")


@given(names)
def test_a_topic_gives_its_device_back(name: str) -> None:
    """The device is read back from each kind of topic, also under a prefix of several levels."""
    topics = Topics("plant/tocsin")
    for topic in (topics.readings(name), topics.alerts(name), topics.device(name)):
        assert topics.device_of(topic) == name


@pytest.mark.parametrize("name", ["", "   ", "a" * 129, "a\nb", "a\u202eb", "tag\U000e0041", "\ud800", "nul\0"])
def test_what_is_no_name_is_refused(name: str) -> None:
    """Empty, blank, long, control, bidi, tag and surrogate characters make no name."""
    with pytest.raises(TopicError):
        encode_level(name)


@pytest.mark.parametrize("prefix", ["", "/a", "a/", "$SYS", "a/+", "a#", "a//b"])
def test_a_bad_prefix_is_refused(prefix: str) -> None:
    """A prefix that would not work on MQTT is refused with an example of a good one."""
    with pytest.raises(TopicError, match="expected"):
        Topics(prefix)


def test_a_topic_gives_its_kind_back() -> None:
    """Whatever the prefix and however many levels follow; a topic of others has none of ours."""
    topics = Topics("plant/7")
    assert topics.kind_of(topics.readings("a/b")) == "readings"
    assert topics.kind_of(topics.digest()) == "digest"
    assert topics.kind_of("other/readings/a") == "other"


@pytest.mark.parametrize(
    "topic", ["tocsin/readings", "tocsin/readings/a/b", "x/readings/a", "tocsin/readings/", "$S/a/b"]
)
def test_other_topics_have_no_device(topic: str) -> None:
    """A topic of another shape names no device."""
    with pytest.raises(TopicError):
        Topics().device_of(topic)


def test_a_level_that_was_never_encoded_stands_for_itself() -> None:
    """Devices that publish on a plain topic are known by it, stray percent signs included."""
    assert [decode_level(level) for level in ("boiler", "50%", "dev 1", "%ff")] == ["boiler", "50%", "dev 1", "%ff"]
