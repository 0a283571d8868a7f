"""Coverage-guided fuzzing of recognition: `python -m tests.unit.devices.fuzz -max_total_time=60`; needs atheris.

The first line of the input is the topic, the rest the payload; several messages are told apart by a NUL.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["devices"]):
    from devices.profiles.profile import Limits, ProfileFile
    from devices.recognizer import Recognizer
    from devices.semantics.interpreter import Interpreter
    from devices.semantics.presence import Presence

from tests.unit.devices.samples_on_file import NOW
from tests.unit.devices.test_hostile import check


def one_input(raw: bytes) -> None:
    """Read the messages of one input, one after the other."""
    reader, interpreter = Recognizer(), Interpreter(ProfileFile(limits=Limits(devices=5, metrics_per_device=8)))
    presence = Presence(0.0, {})
    for part in raw.split(b"\0")[:8]:
        topic, _, payload = part.partition(b"\n")
        telegram = reader.read(topic.decode("utf-8", "replace") or "x", payload, NOW)
        check(telegram)
        presence.note(telegram, NOW.timestamp(), topic.decode("utf-8", "replace"))
        for ready in interpreter.take(telegram, NOW, retained=False, topic=telegram.format):
            presence.heard(ready.reading.device, telegram.format)
        presence.due(NOW.timestamp(), interpreter.memories.topics())
        interpreter.due(NOW.timestamp() + 1.0)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
