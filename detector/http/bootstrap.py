"""Puts the HTTP face together."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from detector.http.application import make_application
from detector.http.batch_models import BatchModels
from detector.http.buffers import Buffers
from detector.http.fits import Fits
from detector.http.guard import Rules
from detector.http.kept_devices import KeptDevices
from detector.http.kept_models import KeptModels
from detector.http.serving import Parts
from detector.http.streams import Streams
from detector.stock.model_shelf import ModelShelf
from detector.store.recent_readings import RecentReadings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from detector.settings import DetectorSettings

_MEBIBYTE = 1 << 20


def build(settings: DetectorSettings) -> FastAPI:
    """Make the application over the detector's files."""
    state = settings.state_dir / "state.db"
    shelf = ModelShelf(settings.state_dir / "models", settings.state_dir / "trained")
    fits = Fits()
    parts = Parts(
        fits=fits,
        models=BatchModels(settings.state_dir / "http_models"),
        streams=Streams(fits, settings.http_max_streams),
        buffers=Buffers(settings.http_max_streams),
        devices=KeptDevices(state, RecentReadings(state), KeptModels(state, shelf)),
    )
    return make_application(parts, rules_of(settings))


def rules_of(settings: DetectorSettings) -> Rules:
    """Turn settings into what the guard asks."""
    token = settings.http_token
    return Rules(
        names=frozenset(settings.http_names) if settings.http_names or is_loopback(settings.http_host) else None,
        token=None if token is None else token.get_secret_value(),
        most_bytes=settings.http_max_mebibytes * _MEBIBYTE,
    )


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
