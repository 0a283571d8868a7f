"""Puts the producer together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.topics import Topics
from producer.meters import Meters
from producer.pacing import Pacer
from producer.publisher import Publisher
from producer.service import ProducerService
from producer.simulator.scenario_files import load_scenario
from producer.simulator.simulation import Simulation
from producer.status import SERVICE, Announcer, offline_status
from runtime.bus import Will
from runtime.mqtt.bus import MqttBus
from runtime.version import version

if TYPE_CHECKING:
    from producer.settings import ProducerSettings
    from runtime.bus import Bus


def build(settings: ProducerSettings) -> ProducerService:
    """Make the service with its broker."""
    return assemble(settings, connect(settings))


def connect(settings: ProducerSettings) -> Bus:
    """Make the producer's client of the broker."""
    topics = Topics(settings.topic_prefix)
    return MqttBus(
        settings.connection,
        client_id=f"{topics.prefix}-{SERVICE}-{settings.instance}",
        subscriptions=(topics.every("services/detector"),),
        will=Will(topics.service(SERVICE, settings.instance), offline_status(settings.instance)),
        lasting=False,
    )


def assemble(settings: ProducerSettings, bus: Bus) -> ProducerService:
    """Make the service on a given bus."""
    topics = Topics(settings.topic_prefix)
    scenario = load_scenario(settings.scenario)
    run = None if settings.live else settings.run or _new_run(scenario.name, settings.seed)
    return ProducerService(
        bus=bus,
        simulation=Simulation(scenario, settings.seed, pace=settings.pace, run=run, duration=settings.duration),
        publisher=Publisher(bus, topics),
        pacer=Pacer(run, settings.max_ahead),
        announcer=Announcer(bus, topics, settings.instance, version()),
        meters=Meters(),
    )


def _new_run(scenario: str, seed: int) -> str:
    """A name that no earlier run has, so that nothing is taken for a redelivery."""
    return f"{scenario[:30]}-{seed}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"[:64]
