"""Puts the page together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from contracts.topics import Topics
from runtime.mqtt.bus import MqttBus
from storage.database import open_engine
from web.app import make_app
from web.face import Face
from web.gate import Gate
from web.hearing import Hearing, subscriptions
from web.live.hub import Hub
from web.meters import make_registry
from web.plant import Plant
from web.recent import Recent
from web.sending import Sender
from web.server import Server
from web.service import WebService
from web.shelf import Shelf
from web.site import PipelineView, Site
from web.users import read_users
from web.versions import Versions

if TYPE_CHECKING:
    from runtime.bus import Bus
    from web.settings import WebSettings


def build(settings: WebSettings) -> WebService:
    """Make the service with its broker."""
    return assemble(settings, connect(settings))


def connect(settings: WebSettings) -> Bus:
    """Make the page's client of the broker; its session ends with it: what it missed, it reads from the database."""
    topics = Topics(settings.topic_prefix)
    return MqttBus(
        settings.connection,
        client_id=f"{topics.prefix}-web-{settings.instance}",
        subscriptions=subscriptions(topics),
        lasting=False,
    )


def assemble(settings: WebSettings, bus: Bus) -> WebService:
    """Make the service on a given bus."""
    topics, plant = Topics(settings.topic_prefix), Plant(settings.web_rows)
    shelf = Shelf(open_engine(settings.database_url, read_only=True))
    pipeline = PipelineView(plant, bus, shelf)
    hub = Hub(plant, settings.web_viewers, lambda: replace(pipeline(), services=[]))
    hearing = Hearing(topics, plant, hub)
    sender = Sender(bus, topics)
    registry = make_registry(plant, hub, hearing)
    site = Site(
        plant=plant,
        hub=hub,
        shelf=shelf,
        sender=sender,
        recent=Recent(plant, _face(settings)),
        versions=Versions(plant, sender),
        gate=_gate(settings),
        registry=registry,
        pipeline=pipeline,
        https=settings.web_https,
    )
    app = make_app(site, settings.known_names)
    return WebService(bus, Server(app, settings.web_host, settings.web_port, hub.close), hearing, registry)


def _face(settings: WebSettings) -> Face | None:
    if settings.detector_url is None:
        return None
    token = settings.http_token.get_secret_value() if settings.http_token else None
    return Face(settings.detector_url, token)


def _gate(settings: WebSettings) -> Gate:
    users = read_users(settings.web_users_file) if settings.web_users_file is not None else {}
    return Gate(token=settings.login_token, users=users)
