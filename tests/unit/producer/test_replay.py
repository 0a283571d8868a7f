from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from contracts.codec import decode
from contracts.reading import Reading, Truth
from contracts.topics import Topics
from producer.errors import RecordingError
from producer.recordings.layout import LayoutOptions
from producer.replay.replay import device_names, replay
from producer.replay.sender import ReplayRefusedError
from producer.replay.state import ReplayState
from producer.replay.terms import FileSummary, ReplayOptions, ReplayProgress, ReplaySummary
from runtime.memory_bus import MemoryBroker, MemoryBus
from tests.unit.producer.files import written
from tests.unit.producer.stand_in import DetectorStandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime.bus import Publication

TOPICS = Topics()
WITHOUT = ReplayOptions(wait_for_detector=False)


def table(rows: int, *, first: int = 0) -> str:
    lines = [f"{1_700_000_000 + n},{n},{int(n % 10 == 9)}" for n in range(first, first + rows)]
    return "time,value,anomaly\n" + "\n".join(lines) + "\n"


class Scene:
    """A broker in memory, a bus for the replay, and a place for files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = MemoryBroker()
        self.bus = self.broker.client("replay", [TOPICS.every("services/detector"), TOPICS.deadletters("detector")])
        self.bus.start()

    def file(self, text: str, name: str = "pump.csv") -> Path:
        return written(self.folder, text, name)

    def detector(self, at_once: int = 1_000, refused: frozenset[int] = frozenset()) -> DetectorStandIn:
        return DetectorStandIn(self.broker.client("detector", [TOPICS.every("readings")]), TOPICS, at_once, refused)

    def replay(
        self,
        *files: Path,
        options: ReplayOptions = WITHOUT,
        progress: ReplayProgress | None = None,
        stop: threading.Event | None = None,
    ) -> ReplaySummary:
        return replay(files, options, self.bus, TOPICS, progress, stop)

    def readings(self) -> list[Reading]:
        return [decode(payload, Reading) for topic, payload in self.broker.published if "/readings/" in topic]

    def truths(self) -> list[Truth]:
        return [decode(payload, Truth) for topic, payload in self.broker.published if "/truth/" in topic]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


class Stopper(ReplayProgress):
    """Stops a replay when something is seen; remembers what it was told."""

    def __init__(self, when: Callable[[], bool] = lambda: False) -> None:
        self.stop = threading.Event()
        self.when = when
        self.reasons: list[str] = []
        self.files: list[FileSummary] = []
        self.fractions: list[float] = []
        self.resumed: bool | None = None

    def started(self, run: str, files: Sequence[Path], *, resumed: bool) -> None:  # noqa: ARG002 - a hook
        self.resumed = resumed

    def file_started(self, file: FileSummary) -> None:
        self.files.append(file)
        self._look()

    def advanced(self, file: FileSummary, fraction: float) -> None:  # noqa: ARG002 - a hook
        self.fractions.append(fraction)
        self._look()

    def waiting(self, reason: str) -> None:
        self.reasons.append(reason)
        self._look()

    def _look(self) -> None:
        if self.when():
            self.stop.set()


def test_rows_become_readings_in_the_order_of_the_file(scene: Scene) -> None:
    """Every row is published once, in order, with the replay clock, under one run."""
    summary = scene.replay(scene.file(table(200)))
    readings = scene.readings()
    assert [reading.values["value"] for reading in readings] == list(range(200))
    assert {(reading.device, reading.clock, reading.run) for reading in readings} == {("pump", "replay", summary.run)}
    assert (summary.complete, summary.sent, summary.acknowledged, summary.resumed) == (True, 200, 200, False)


def test_ground_truth_goes_to_truth_only(scene: Scene) -> None:
    """Label columns are published beside the readings and never in them."""
    summary = scene.replay(scene.file(table(100)))
    assert all(set(reading.values) == {"value"} for reading in scene.readings())
    truths = scene.truths()
    assert [(truth.anomalous, truth.columns, truth.run) for truth in truths] == [
        (True, {"anomaly": "1"}, summary.run)
    ] * 10
    assert [truth.measured_at.timestamp() - 1_700_000_000 for truth in truths] == list(range(9, 100, 10))
    assert summary.files[0].truths == 10


def test_files_follow_each_other(scene: Scene) -> None:
    """Files are played in the order given, each as its own device."""
    summary = scene.replay(scene.file(table(20), "b.csv"), scene.file(table(20), "a.csv.gz"))
    assert [reading.device for reading in scene.readings()] == ["b"] * 20 + ["a"] * 20
    assert [file.complete for file in summary.files] == [True, True]


def test_a_second_replay_is_a_new_run(scene: Scene) -> None:
    """Playing a file to its end twice makes two runs, even with a state file."""
    options = ReplayOptions(wait_for_detector=False, state=scene.folder / "state.json")
    path = scene.file(table(10))
    first, second = scene.replay(path, options=options), scene.replay(path, options=options)
    assert first.run != second.run
    assert len(scene.readings()) == 20
    assert not (scene.folder / "state.json").exists()


def test_an_interrupted_replay_goes_on(scene: Scene) -> None:
    """A replay that was stopped goes on with the next row under the same run; every reading is sent once."""
    state = scene.folder / "state.json"
    options = ReplayOptions(wait_for_detector=False, state=state)
    files = scene.file(table(300), "a.csv"), scene.file(table(300), "b.csv")
    stop = CountingBus.ending_after(scene.bus, 400)
    first = scene.replay(*files, options=options, stop=stop)
    assert not first.complete
    assert 0 < first.sent < 600
    assert state.exists()
    second = scene.replay(*files, options=options, progress=(later := Stopper()))
    assert (second.complete, second.run, later.resumed) == (True, first.run, True)
    assert [(reading.device, reading.seq) for reading in scene.readings()] == [
        (device, n) for device in "ab" for n in range(1, 301)
    ]
    assert not state.exists()


def test_a_killed_replay_repeats_rows_unchanged(scene: Scene) -> None:
    """Rows sent after the state was last written are sent again byte for byte, so that they keep their ids."""
    state = scene.folder / "state.json"
    options = ReplayOptions(wait_for_detector=False, state=state)
    path = scene.file(table(200))
    scene.replay(path, options=options, stop=CountingBus.ending_after(scene.bus, 100))
    older = msgspec.json.decode(state.read_bytes(), type=ReplayState)
    older.files[0].rows = older.files[0].readings = 20
    state.write_bytes(msgspec.json.encode(older))
    assert scene.replay(path, options=options).complete
    payloads = [payload for topic, payload in scene.broker.published if "/readings/" in topic]
    assert len(payloads) > 200
    assert len(set(payloads)) == 200


def test_a_changed_file_is_not_gone_on_with(scene: Scene) -> None:
    """When a file has changed since the interruption, the replay begins anew."""
    options = ReplayOptions(wait_for_detector=False, state=scene.folder / "state.json")
    path = scene.file(table(300))
    stopper = Stopper(lambda: True)
    first = scene.replay(path, options=options, progress=stopper, stop=stopper.stop)
    scene.file(table(310))
    second = scene.replay(path, options=options)
    assert second.run != first.run
    assert (second.resumed, second.sent) == (False, 310)


def test_a_damaged_state_file_is_no_obstacle(scene: Scene) -> None:
    """A state file that cannot be read is as good as none."""
    state = scene.folder / "state.json"
    state.write_bytes(b"\x00")
    assert scene.replay(scene.file(table(5)), options=ReplayOptions(wait_for_detector=False, state=state)).complete


def test_a_replay_stays_within_its_lead(scene: Scene) -> None:
    """Readings are never more than the limit ahead of what the detector has taken in; at the end it has them all."""
    ahead: list[int] = []
    with scene.detector(at_once=7) as detector:

        def look() -> bool:
            ahead.append(len(scene.readings()) - len(detector.readings))
            return False

        summary = scene.replay(
            scene.file(table(400)), options=ReplayOptions(max_ahead=50), progress=(watch := Stopper(look))
        )
    assert summary.complete
    assert (summary.taken, summary.given_up) == (400, 0)
    assert max(ahead) <= 50
    assert "the detector is far behind" in watch.reasons


def test_a_replay_waits_for_a_detector_and_says_so(scene: Scene) -> None:
    """Without a detector nothing is sent, and the progress tells why."""
    stopper = Stopper()
    stopper.when = lambda: "no detector is online" in stopper.reasons
    summary = scene.replay(scene.file(table(5)), options=ReplayOptions(), progress=stopper, stop=stopper.stop)
    assert (summary.complete, summary.sent) == (False, 0)


def test_a_detector_that_is_there_is_not_waited_for(scene: Scene) -> None:
    """While the detector's status is only on its way, nobody is told that there is none."""
    with scene.detector() as detector:
        summary = scene.replay(scene.file(table(50)), options=ReplayOptions(), progress=(watch := Stopper()))
        detector.until(50)
    assert summary.complete
    assert "no detector is online" not in watch.reasons


def test_readings_that_the_detector_cannot_use_are_counted(scene: Scene) -> None:
    """What the detector refuses is not waited for, but told with its reason."""
    began = time.monotonic()
    with scene.detector(refused=frozenset({3, 50})):
        summary = scene.replay(scene.file(table(50)), options=ReplayOptions())
    assert time.monotonic() - began < 5
    assert (summary.complete, summary.taken, summary.given_up) == (True, 48, 0)
    assert summary.unusable == {"internal_error": 2}


def test_recorded_pace_many_times_faster(scene: Scene) -> None:
    """At N times the recorded pace a recording takes an N-th of its time."""
    began = time.monotonic()
    summary = scene.replay(
        scene.file(table(11)), options=ReplayOptions(wait_for_detector=False, speed=50.0), progress=(watch := Stopper())
    )
    assert summary.complete
    assert 0.2 <= time.monotonic() - began < 1
    assert watch.fractions[-1] == 1.0


def test_nothing_is_sent_when_a_file_cannot_be_read(scene: Scene) -> None:
    """All files are looked at before the first reading goes out."""
    with pytest.raises(RecordingError, match=r"b\.csv"):
        scene.replay(scene.file(table(5), "a.csv"), scene.file("nothing\n", "b.csv"))
    assert not scene.broker.published


def test_bad_rows_are_in_the_summary(scene: Scene) -> None:
    """What was left out is told in the summary, by file."""
    path = scene.file(table(5) + "oops\n" + table(3, first=5).partition("\n")[2])
    (file,) = scene.replay(path).files
    assert (file.sent, file.bad_rows.count, file.bad_rows.examples[0].line) == (8, 1, 7)


class CountingBus(MemoryBus):
    """A client that sets an event after so many messages."""

    left: int
    event: threading.Event

    @classmethod
    def ending_after(cls, bus: MemoryBus, messages: int) -> threading.Event:
        bus.__class__ = cls
        assert isinstance(bus, cls)
        bus.left, bus.event = messages, threading.Event()
        return bus.event

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> Publication:
        self.left -= 1
        if self.left == 0:
            self.event.set()
        return super().publish(topic, payload, qos=qos, retain=retain)


class RefusingBus(MemoryBus):
    """A client that may not publish readings."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> Publication:
        publication = super().publish(topic, payload, qos=qos, retain=retain)
        if "/readings/" in topic:
            publication.settle("Not authorized")
        return publication


def test_refused_readings_end_the_replay(scene: Scene) -> None:
    """A broker that refuses readings ends the replay with its reason."""
    scene.bus.__class__ = RefusingBus
    with pytest.raises(ReplayRefusedError, match="Not authorized"):
        scene.replay(scene.file(table(100)))


def test_device_names_are_told_apart() -> None:
    """A device is named after its file; where two files have one name, all are told apart by their folders."""
    assert device_names([Path("v1/10.csv.gz"), Path("x/Ofen 3.jsonl"), Path(".csv")]) == ["10", "Ofen 3", ".csv"]
    assert device_names([Path("v1/10.csv.gz"), Path("v1/12.csv.gz"), Path("b/12.csv")]) == ["v1-10", "v1-12", "b-12"]


def test_times_from_an_interval(scene: Scene) -> None:
    """Rows without a time are spaced by the interval."""
    scene.replay(
        scene.file("a b\n1 2\n3 4\n", "x.dat"),
        options=ReplayOptions(wait_for_detector=False, layout=LayoutOptions(interval_s=60)),
    )
    first, second = scene.readings()
    assert (second.measured_at - first.measured_at).total_seconds() == 60


def test_real_recordings(scene: Scene, shared: Path) -> None:
    """Recordings of a water test bed, a server and a taxi company come through whole, labels apart."""
    bed = sorted(shared.glob("data/SKAB/valve1/*.csv.gz"))[:2]
    summary = scene.replay(*bed, next(shared.glob("data/NAB/data/realKnownCause/nyc_taxi.csv.gz")))
    assert summary.complete
    assert [file.bad_rows.count + file.bad_cells.count for file in summary.files] == [0, 0, 0]
    assert len(summary.files[0].layout.metrics) == 8
    assert summary.files[0].layout.labels == ("anomaly", "changepoint")
    assert summary.files[0].truths > 300
    assert summary.files[2].sent == 10_320
