"""Sites behind one broker, each below a prefix of its own, that name their devices alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.semantics.memory import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from devices.profiles.profile import Mqtt

_MOST_SAID = 20


class Sites:
    """Notices a device that is heard at two sites: these are two devices, whose readings would be mixed.

    Args:
        mqtt: what the profile file says of topics.
        say: takes notices for the user.
    """

    def __init__(self, mqtt: Mqtt, say: Callable[[Notice], None]) -> None:
        several = len(mqtt.strip_prefix) > 1
        self._prefixes = mqtt.strip_prefix if several and not mqtt.name_sites else ()
        self._say = say
        self._said: set[str] = set()

    def note(self, device: str, before: str, now: str) -> None:
        """Compare the topic on which a device is heard with the one before; said once of each."""
        if not self._prefixes or before == now or device in self._said or len(self._said) >= _MOST_SAID:
            return
        was, is_ = self._of(before), self._of(now)
        if was and is_ and was != is_:
            self._said.add(device)
            words = f"heard at {was} and at {is_} under one name; `mqtt: {{name_sites: true}}` tells the sites apart"
            self._say(Notice(device, "same_name", words))

    def _of(self, topic: str) -> str:
        return next((site for site in self._prefixes if topic.startswith(site)), "")
