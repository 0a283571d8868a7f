"""What is known of one device: its newest rows, its incidents, what is learned of it; as a snapshot, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from detector.configuration.context import covered
from detector.models.learning import Learning
from detector.models.notice import Notice
from detector.models.scorer import Scorer
from detector.rows.stream import Stream
from detector.store.snapshot import SnapshotError, pack, unpack, unpack_of
from detector.verdicts.casebook import Casebook
from detector.verdicts.clock import ClockWatch
from detector.verdicts.examination import Examination
from detector.verdicts.silence import SilenceWatch

if TYPE_CHECKING:
    from contracts.anomaly import Model
    from contracts.service import DeviceState
    from detector.configuration.config import DetectionConfig
    from detector.models.fit import FittedModel


class DeviceMemory:
    """Everything that a detector of one device keeps from reading to reading."""

    def __init__(self, device: str, config: DetectionConfig) -> None:
        self.device = device
        self.config = config
        self._stream = Stream(config.held_rows)
        self._examination = Examination(config)
        self._casebook = Casebook(config)
        self._learning = Learning(config)
        self._silence = SilenceWatch()
        self._clock = ClockWatch()
        self._run: str | None = None
        self._score = 0.0
        self._notice = Notice()

    @property
    def state(self) -> DeviceState:
        """What the device is doing now."""
        if self._silence.silent:
            return "silent"
        if self._casebook.told:
            return "anomalous"
        return "learning" if self._scorer is None else "ready"

    @property
    def learned(self) -> int:
        """Rows of the normal course seen so far, at most `needed`."""
        return min(self._learning.learned, self.needed)

    @property
    def needed(self) -> int:
        """Rows that the first model needs."""
        return self.config.warm_up

    @property
    def model(self) -> Model | None:
        """The model in use."""
        return None if self._scorer is None else self._scorer.model.named()

    @property
    def incident(self) -> str | None:
        """Id of the open incident."""
        return self._casebook.tracker.id if self._casebook.told else None

    @property
    def recorded(self) -> bool:
        """Whether its readings come from a recording, whose own time rules."""
        return self._silence.clock == "replay"

    @property
    def quieted(self) -> int:
        """How many false positives keep their look-alikes silent."""
        return self._casebook.recollection.quieted

    @property
    def recurring(self) -> int:
        """How many incidents of the last week were not told, for the like of them comes every day."""
        return self._casebook.recollection.recurring

    @property
    def maintenance(self) -> bool:
        """Whether the newest reading came within a maintenance window: nothing opens then, nothing is learned."""
        return covered(self.config.maintenance, self._stream.newest_at)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics seen so far."""
        return tuple(self._stream.roster.metrics)

    @property
    def units(self) -> dict[str, str]:
        """The units of those metrics of which one is known."""
        return self._stream.roster.units

    def snapshot(self) -> bytes:
        """Write everything but the model."""
        scorer = self._scorer
        return pack(
            {
                "device": self.device,
                "stream": self._stream.state(),
                "scorer": None if scorer is None else scorer.state(),
                "version": None if scorer is None else scorer.model.version,
                "casebook": self._casebook.state(),
                "learning": self._learning.state(),
                "silence": self._silence.state(),
                "run": self._run,
                "examination": self._examination.state(),
                "clock": self._clock.state(),
                "score": self._score,
                "notice": self._notice.state(),
            }
        )

    @classmethod
    def restore(cls, device: str, config: DetectionConfig, snapshot: bytes, model: FittedModel | None) -> Self:
        """Rebuild from a snapshot and the model that was in use.

        Raises:
            SnapshotError: the bytes are damaged, or belong to another device, model or version.
        """
        state = unpack_of(device, None if model is None else model.version, snapshot)
        detector = cls(device, config)
        try:
            detector._load(state, model)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise SnapshotError(f"snapshot of {device!r} was written by another version: {error!r}") from error
        return detector

    @classmethod
    def revive(cls, device: str, config: DetectionConfig, snapshot: bytes, model: FittedModel | None) -> Self:
        """Rebuild from a snapshot whose own model is lost: judge by an earlier one, or learn anew when there is none.

        Raises:
            SnapshotError: the bytes are damaged, or belong to another device or version.
        """
        state = unpack(snapshot)
        detector = cls(device, config)
        try:
            detector._load({**state, "scorer": None}, None)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise SnapshotError(f"snapshot of {device!r} was written by another version: {error!r}") from error
        if state["device"] != device:
            raise SnapshotError(f"snapshot of {state['device']!r}: expected {device!r}")
        if model is None:
            detector._learning.learned = detector._stream.reference.kept
        else:
            detector._use(model)
        return detector

    @property
    def _scorer(self) -> Scorer | None:
        return self._examination.scorer

    def _load(self, state: dict[str, Any], model: FittedModel | None) -> None:
        self._stream = Stream.restored(state["stream"])
        scorer = None
        if model is not None:
            scorer = Scorer.restored(state["scorer"], model, self._stream.roster.columns_of(model.metrics))
        self._examination = Examination(self.config, scorer)
        self._examination.resume(state["examination"], self._stream)
        self._clock = ClockWatch.restored(state["clock"])
        self._casebook = Casebook.restored(state["casebook"], self.config)
        self._learning = Learning.restored(state["learning"], self.config)
        self._silence = SilenceWatch.restored(state["silence"])
        self._run, self._score = state["run"], state["score"]
        self._notice = Notice(*state["notice"])

    def _use(self, fitted: FittedModel) -> None:
        stream = self._stream
        stream.know(fitted.columns)
        scorer = Scorer(fitted, stream.roster.columns_of(fitted.metrics))
        stream.features.limits[:, scorer.columns] = scorer.limits()
        self._examination.use(scorer, stream)
