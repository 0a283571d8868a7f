"""A profile at work: one more language."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from devices.formats.form import Form
from devices.formats.json_objects import in_order, take_time
from devices.formats.online_words import is_online
from devices.formats.plain import narrow_value
from devices.formats.port import Format, Knowledge, composed
from devices.formats.ruuvi import RuuviGateway
from devices.formats.senml import SenML
from devices.formats.sparkplug import SparkplugB
from devices.formats.telegraf import InfluxLine
from devices.profiles.named_values import MOST_ROWS, NamedValues
from devices.profiles.path import Path
from devices.profiles.profile import DevicePath, Profile
from devices.profiles.refining import refine
from devices.profiles.topic_pattern import compile_pattern, fill
from devices.telegram import DeviceReading, Telegram, availability, ignored, telemetry, unreadable
from devices.times import moment
from devices.values import Flat, flatten, suffixed

if TYPE_CHECKING:
    from datetime import datetime

    from devices.foreign_message import ForeignMessage

_LONGEST_CSV = 65_536
_LANGUAGES = {"json": "flat_json", "number": "plain", "csv": "csv"}


class ProfileLanguage(Format):
    """Reads the messages that a profile describes.

    Args:
        knowledge: shared with the built-in formats.
        profile: checked by `load_profiles`.
    """

    name = "profile"

    def __init__(self, knowledge: Knowledge, profile: Profile) -> None:
        super().__init__(knowledge)
        self.profile = profile
        self.pattern = compile_pattern(profile.topic)
        self._when = Path(profile.when) if profile.when else None
        self._root = Path(profile.root) if profile.root else None
        self._device = Path(profile.device.path) if isinstance(profile.device, DevicePath) else None
        self._time = Path(profile.time.path) if profile.time and profile.time.path else None
        self._zone = ZoneInfo(profile.time.zone) if profile.time and profile.time.zone else None
        self._pairs = NamedValues(profile.pairs) if profile.pairs else None
        self._inner = self._built_in(knowledge)

    def _built_in(self, knowledge: Knowledge) -> Format | None:
        kinds: dict[str, type[Format]] = {
            "influx": InfluxLine, "senml": SenML, "sparkplug": SparkplugB, "ruuvi": RuuviGateway, "form": Form,
        }  # fmt: skip
        kind = kinds.get(self.profile.payload)
        inner = kind(knowledge) if kind else None
        if isinstance(inner, InfluxLine):
            inner.device_tag = self.profile.device_tag
            inner.keep_tags = self.profile.tags == "keep"
        return inner

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a message whose topic and guard fit."""
        levels = self.pattern.match(message.topic)
        if levels is None or (self._when is not None and not self._when.find(message.json)):
            return None
        if self.profile.kind == "ignore":
            return self._signed(ignored("plain", f"the profile {self.profile.name} says so"))
        if self.profile.kind == "availability":
            return self._availability(message, levels)
        telegram = self._inner.read(message) if self._inner else self._own(message, levels)
        if telegram is None:
            return None
        readings = tuple(self._refined(one, levels) for one in telegram.readings)
        device = readings[-1].device if readings else telegram.device
        return self._signed(replace(telegram, readings=readings, device=device))

    def _signed(self, telegram: Telegram) -> Telegram:
        return replace(telegram, profile=self.profile.name)

    def _availability(self, message: ForeignMessage, levels: dict[str, str]) -> Telegram | None:
        value: Any = message.object or message.text
        if self._root is not None:
            value = self._root.find(message.json)
        word = str(value)
        known = {**dict.fromkeys(self.profile.online, True), **dict.fromkeys(self.profile.offline, False)}
        online = known.get(word, is_online(value) if not known else None)
        if online is None:
            return None
        return self._signed(availability("plain", self._named(message, levels, message.json), online=online))

    def _own(self, message: ForeignMessage, levels: dict[str, str]) -> Telegram | None:
        if self.profile.payload == "json":
            return self._json(message, levels)
        if message.text is None:
            return unreadable(_LANGUAGES[self.profile.payload], "not UTF-8 text")
        if self.profile.payload == "csv":
            return self._csv(message, levels)
        return self._number(message, levels)

    def _number(self, message: ForeignMessage, levels: dict[str, str]) -> Telegram:
        metric = levels.get("metric") or message.levels[-1]
        one = narrow_value(["", metric], message.text or "")
        return telemetry("plain", replace(one, device=self._named(message, levels, None)))

    def _csv(self, message: ForeignMessage, levels: dict[str, str]) -> Telegram:
        cells = (
            (message.text or "")[:_LONGEST_CSV].splitlines()[0].split(self.profile.separator) if message.text else []
        )
        if len(cells) != len(self.profile.columns):
            return unreadable("csv", f"{len(cells)} values: the profile names {len(self.profile.columns)} columns")
        row = {fill(column, levels): cell.strip() for column, cell in zip(self.profile.columns, cells, strict=True)}
        row.pop("", None)
        at, key = (self._moment(row), None) if self._time else take_time(row)
        flat = flatten({name: cell for name, cell in row.items() if name != key})
        return telemetry("csv", composed(self._named(message, levels, row), flat, timestamp=self._zoned(at)))

    def _json(self, message: ForeignMessage, levels: dict[str, str]) -> Telegram | None:
        whole = message.json
        if whole is None:
            return None
        found = whole if self._root is None else self._root.find(whole)
        units: dict[str, str] = {}
        if self._pairs:
            found, units = self._pairs.read(found)
        rows = found if isinstance(found, list) and found and isinstance(found[0], dict) else [found]
        readings = [self._row(message, levels, whole, row) for row in rows[:MOST_ROWS]]
        if units:
            readings = [replace(one, units=suffixed(units, one.metrics, str)) for one in readings]
        return telemetry("flat_json", *in_order(readings))

    def _row(self, message: ForeignMessage, levels: dict[str, str], whole: Any, row: Any) -> DeviceReading:  # noqa: ANN401 - any JSON
        at, key = None, None
        if self._time is not None:
            at = self._moment(row) or self._moment(whole)
        elif isinstance(row, dict):
            at, key = take_time(row)
            if at is None and isinstance(whole, dict) and whole is not row:
                at, _ = take_time(whole)
        flat = Flat()
        if isinstance(row, dict):
            flatten({name: value for name, value in row.items() if name != key}, into=flat)
        else:
            flatten(row, levels.get("metric") or message.levels[-1], into=flat)
        where = row if isinstance(row, dict) and row is not whole else whole
        return composed(self._named(message, levels, where, whole), flat, timestamp=self._zoned(at))

    def _moment(self, value: Any) -> datetime | None:  # noqa: ANN401 - any JSON
        unit = self.profile.time.unit if self.profile.time else "auto"
        return moment(self._time.find(value), unit) if self._time else None

    def _zoned(self, at: datetime | None) -> datetime | None:
        if at is None or at.tzinfo is not None or self._zone is None:
            return at
        return at.replace(tzinfo=self._zone).astimezone(UTC)

    def _named(self, message: ForeignMessage, levels: dict[str, str], *values: Any) -> str:  # noqa: ANN401 - any JSON
        if self._device is not None:
            found = next((one for value in values if (one := self._device.find(value)) is not None), None)
            if isinstance(found, (str, int)) and not isinstance(found, bool) and str(found).strip():
                return str(found)
        elif isinstance(self.profile.device, str):
            return fill(self.profile.device, levels)
        if "device" in levels:
            return levels["device"]
        metric = levels.get("metric")
        return message.topic.removesuffix(f"/{metric}") if metric else message.topic

    def _refined(self, reading: DeviceReading, levels: dict[str, str]) -> DeviceReading:
        device = reading.device
        if self._inner is not None and isinstance(self.profile.device, str):
            device = fill(self.profile.device, levels)
        reading = replace(reading, device=device, timestamp=self._zoned(reading.timestamp))
        return refine(reading, self.profile) if self.profile.metrics or self.profile.drop else reading
