"""The abbreviations that discovery allows, those that are read. Source: home-assistant.io, integrations/mqtt."""

from __future__ import annotations

from typing import Any

_KEYS = {
    "act_t": "action_topic",
    "act_tpl": "action_template",
    "avty": "availability",
    "avty_t": "availability_topic",
    "avty_tpl": "availability_template",
    "bri_stat_t": "brightness_state_topic",
    "bri_val_tpl": "brightness_value_template",
    "cmd_t": "command_topic",
    "cmps": "components",
    "curr_hum_t": "current_humidity_topic",
    "curr_hum_tpl": "current_humidity_template",
    "curr_temp_t": "current_temperature_topic",
    "curr_temp_tpl": "current_temperature_template",
    "dev": "device",
    "dev_cla": "device_class",
    "obj_id": "object_id",
    "p": "platform",
    "pct_stat_t": "percentage_state_topic",
    "pct_val_tpl": "percentage_value_template",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "pos_t": "position_topic",
    "pos_tpl": "position_template",
    "stat_cla": "state_class",
    "stat_t": "state_topic",
    "stat_val_tpl": "state_value_template",
    "t": "topic",
    "temp_stat_t": "temperature_state_topic",
    "temp_stat_tpl": "temperature_state_template",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}
_DEVICE_KEYS = {"ids": "identifiers", "cns": "connections"}


def expanded(config: dict[str, Any]) -> dict[str, Any]:
    """Spell out a config: abbreviated keys, and `~` for the base topic at the beginning or end of a topic."""
    full = {_KEYS.get(key, key): value for key, value in config.items()}
    base = full.pop("~", None)
    if isinstance(base, str):
        full = {key: _based(key, value, base) for key, value in full.items()}
    device = full.get("device")
    if isinstance(device, dict):
        full["device"] = {_DEVICE_KEYS.get(key, key): value for key, value in device.items()}
    return full


def _based(key: str, value: Any, base: str) -> Any:  # noqa: ANN401 - any JSON
    if key == "availability" and isinstance(value, list):
        return [
            {name: _based("topic", one, base) if name in {"t", "topic"} else one for name, one in entry.items()}
            if isinstance(entry, dict)
            else entry
            for entry in value
        ]
    if not isinstance(value, str) or not key.endswith("topic"):
        return value
    if value.startswith("~"):
        value = base + value[1:]
    return value[:-1] + base if value.endswith("~") else value
