from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from contracts.alert import Alert
from contracts.codec import decode, encode
from contracts.service import Receipt, ServiceStatus
from contracts.topics import Topics
from explainer.bootstrap import build
from explainer.settings import ExplainerSettings
from runtime.mqtt.bus import MqttBus
from storage import queries
from storage.database import open_engine
from tests.unit.explainer.anomalies import anomaly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from explainer.service import ExplainerService
    from runtime.mqtt.connection import BrokerConnection

pytestmark = pytest.mark.broker


def explainer(broker: BrokerConnection, prefix: str, folder: Path) -> ExplainerService:
    """Start an explainer on a real broker."""
    settings = ExplainerSettings(
        broker_host=broker.host,
        broker_port=broker.port,
        broker_protocol=broker.protocol,
        topic_prefix=prefix,
        database_url=f"sqlite:///{folder}/alerts.db",
    )
    service = build(settings)
    service.start()
    return service


def until(service: ExplainerService, condition: Callable[[], bool]) -> None:
    """Turn its loop until something is so."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        service.step()


def test_alerts_receipts_and_status_cross_a_real_broker(broker: BrokerConnection, prefix: str, tmp_path: Path) -> None:
    """Three hundred incidents are stored, told of and receipted; a restarted explainer finds nothing left to do."""
    topics = Topics(prefix)
    subscriptions = [topics.every("alerts"), topics.receipts("detector"), topics.every("services")]
    other = MqttBus(broker, client_id=f"{prefix}-other", subscriptions=subscriptions, lasting=False)
    other.start()
    service = explainer(broker, prefix, tmp_path)
    until(service, lambda: service.health().ready)
    assert other.wait_connected(10)
    raised = [anomaly(incident=str(i)) for i in range(300)]
    for one in raised:
        other.publish(topics.anomalies(one.device), encode(one))
    alerts: set[str] = set()
    receipts: set[str] = set()
    states: list[str] = []

    def hear() -> bool:
        for message in other.receive(1000, 0.0001):
            kind = message.topic.split("/")[1]
            if kind == "alerts":
                alerts.add(decode(message.payload, Alert).incident)
            elif kind == "receipts":
                receipts.update(decode(message.payload, Receipt).stored)
            else:
                states.append(decode(message.payload, ServiceStatus).state)
        return len(alerts) == len(raised) and len(receipts) == len(raised)

    until(service, hear)
    service.stop()
    assert queries.counts(open_engine(f"sqlite:///{tmp_path}/alerts.db"))["anomalies"] == len(raised)
    again = explainer(broker, prefix, tmp_path)
    until(again, lambda: again.health().ready and again._publisher.idle)
    again.stop()
    other.stop()
    assert queries.counts(open_engine(f"sqlite:///{tmp_path}/alerts.db"))["outbox"] == 0
    assert "online" in states
