"""Units: one spelling for each, and a metric keeps the unit it was first given in."""

from __future__ import annotations

_SPELLINGS = {
    "c": "°C", "cel": "°C", "degc": "°C", "celsius": "°C", "°c": "°C", "deg c": "°C", "℃": "°C",
    "f": "°F", "degf": "°F", "fahrenheit": "°F", "°f": "°F", "℉": "°F", "k": "K", "kelvin": "K",
    "%rh": "%", "percent": "%", "pct": "%", "rh": "%",
    "mbar": "hPa", "hpa": "hPa", "pa": "Pa", "kpa": "kPa", "bar": "bar", "psi": "psi", "mmhg": "mmHg",
    "v": "V", "volt": "V", "mv": "mV", "a": "A", "ma": "mA", "w": "W", "watt": "W", "kw": "kW", "va": "VA",
    "var": "var", "wh": "Wh", "kwh": "kWh", "hz": "Hz", "lx": "lx", "lux": "lx", "ppm": "ppm", "db": "dB", "dbm": "dBm",
    "m/s": "m/s", "km/h": "km/h", "kmh": "km/h", "mph": "mph", "rpm": "rpm", "l/min": "L/min", "m3/h": "m³/h",
    "µg/m³": "µg/m³", "ug/m3": "µg/m³", "μg/m³": "µg/m³", "l": "L", "m3": "m³",
    "s": "s", "sec": "s", "min": "min", "h": "h",
}  # fmt: skip
# To a common unit of each quantity: value x factor + offset.
_QUANTITIES: dict[str, tuple[str, float, float]] = {
    "°C": ("°C", 1.0, 0.0), "°F": ("°C", 5 / 9, -160 / 9), "K": ("°C", 1.0, -273.15),
    "Pa": ("Pa", 1.0, 0.0), "hPa": ("Pa", 100.0, 0.0), "kPa": ("Pa", 1000.0, 0.0), "bar": ("Pa", 1e5, 0.0),
    "psi": ("Pa", 6894.757293168, 0.0), "mmHg": ("Pa", 133.322387415, 0.0),
    "V": ("V", 1.0, 0.0), "mV": ("V", 0.001, 0.0), "A": ("A", 1.0, 0.0), "mA": ("A", 0.001, 0.0),
    "W": ("W", 1.0, 0.0), "kW": ("W", 1000.0, 0.0),
    "Wh": ("Wh", 1.0, 0.0), "kWh": ("Wh", 1000.0, 0.0), "MWh": ("Wh", 1e6, 0.0),
    "m/s": ("m/s", 1.0, 0.0), "km/h": ("m/s", 1 / 3.6, 0.0), "mph": ("m/s", 0.44704, 0.0),
}  # fmt: skip
_LONGEST = 32


def spelt(unit: str) -> str:
    """Return a unit in its usual spelling; one that nobody knows stays as it is."""
    unit = unit.strip()
    return _SPELLINGS.get(unit.lower(), unit)[:_LONGEST] if unit not in _QUANTITIES else unit


def converted(value: float, unit: str, wanted: str) -> float | None:
    """Convert between units of one quantity; None when they are of different ones, or unknown."""
    given, asked = _QUANTITIES.get(unit), _QUANTITIES.get(wanted)
    if given is None or asked is None or given[0] != asked[0]:
        return None
    return (value * given[1] + given[2] - asked[2]) / asked[1]


def in_unit(value: float, given: str, kept: str) -> tuple[float, str]:
    """Bring a value into the unit that its metric keeps; one of another quantity stays, so that its change is seen."""
    if not given or given == kept or not kept:
        return value, kept
    changed = converted(value, given, kept)
    return (value, given) if changed is None else (changed, kept)
