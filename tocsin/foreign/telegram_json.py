"""Telegrams as JSON objects, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devices.times import written

if TYPE_CHECKING:
    from datetime import datetime

    from devices.telegram import DeviceReading, Telegram

_HINTS = ("labels", "units", "dropped")
_LISTS = (("nulls", "null_metrics"), ("bad_quality", "bad_quality"), ("counters", "counters"))
_FLAGS = ("historical", "partial")


def telegram_json(telegram: Telegram) -> dict[str, Any]:
    """Write a telegram as an object: of a batch, the last reading stands at the top and `readings` holds all."""
    last = telegram.readings[-1] if telegram.readings else None
    answer: dict[str, Any] = {
        "kind": telegram.kind,
        "format": telegram.format,
        "device": telegram.device,
        "metrics": {} if last is None else _plain(last.metrics),
        **_time(last.timestamp if last else telegram.timestamp),
    }
    if telegram.online is not None:
        answer["online"] = telegram.online
    if len(telegram.readings) > 1:
        answer["readings"] = [_reading(one) for one in telegram.readings]
    if last is not None:
        answer |= _hints(last)
    if telegram.discovers:
        answer["discovers"] = [
            {"state_topic": one.state_topic, "path": one.path, "unit": one.unit, "device_class": one.device_class}
            for one in telegram.discovers
        ]
    said = {"seq": telegram.seq, "covers": telegram.covers, "reason": telegram.reason, "profile": telegram.profile}
    return answer | {key: value for key, value in said.items() if value is not None}


def _reading(reading: DeviceReading) -> dict[str, Any]:
    return {
        "device": reading.device,
        "metrics": _plain(reading.metrics),
        **_time(reading.timestamp),
        **_hints(reading),
    }


def _hints(reading: DeviceReading) -> dict[str, Any]:
    found: dict[str, Any] = {key: getattr(reading, key) for key in _HINTS if getattr(reading, key)}
    found |= {key: list(getattr(reading, name)) for name, key in _LISTS if getattr(reading, name)}
    found |= {key: True for key in _FLAGS if getattr(reading, key)}
    if reading.diagnostic:
        found["stream"] = "diagnostic"
    if reading.seq is not None:
        found["seq"] = reading.seq
    if reading.warning:
        found["warning"] = reading.warning
    return found


def _time(at: datetime | None) -> dict[str, Any]:
    if at is None:
        return {"timestamp": None}
    return {"timestamp": written(at)} | ({"naive": True} if at.tzinfo is None else {})


def _plain(metrics: dict[str, float]) -> dict[str, float]:
    """Write whole numbers without a point."""
    return {name: int(value) if value.is_integer() and abs(value) < 2**53 else value for name, value in metrics.items()}
