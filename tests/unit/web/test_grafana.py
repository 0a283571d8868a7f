from __future__ import annotations

import json
import re
from pathlib import Path

from contracts.topics import Topics
from detector.meters import Meters as DetectorMeters
from explainer.meters import Meters as ExplainerMeters
from producer.meters import Meters as ProducerMeters
from web.hearing import Hearing
from web.live.hub import Hub
from web.meters import make_registry
from web.plant import Plant

ROOT = Path(__file__).parents[3]
DASHBOARD = json.loads((ROOT / "grafana" / "dashboards" / "tocsin.json").read_text(encoding="utf-8"))


def known_names() -> set[str]:
    plant = Plant(60)
    hub = Hub(plant, 1, dict)
    registries = [meters().registry for meters in (DetectorMeters, ExplainerMeters, ProducerMeters)]
    registries.append(make_registry(plant, hub, Hearing(Topics(), plant, hub)))
    names = {"tocsin_up"}
    for registry in registries:
        for metric in registry.collect():
            endings = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(metric.type, [""])
            names |= {metric.name + ending for ending in endings}
    return names


def test_every_metric_of_the_dashboard_is_one_of_ours() -> None:
    """A metric that is renamed in a service must be renamed in the dashboard, too."""
    asked = {
        name
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
        for name in re.findall(r"tocsin_\w+", target["expr"])
    }
    assert len(asked) > 10
    assert asked - known_names() == set()


def test_panels_have_places_and_numbers_of_their_own() -> None:
    """No panel lies on another, and the data source is the one that is provisioned."""
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
    source = (ROOT / "grafana" / "provisioning" / "datasources" / "prometheus.yaml").read_text(encoding="utf-8")
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"prometheus"}
    assert "uid: prometheus" in source


def test_prometheus_asks_every_service_of_the_compose_file() -> None:
    """Each stage has a health page; each is scraped."""
    scraped = set(re.findall(r"(\w+):8080", (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")))
    assert scraped == {"producer", "detector", "explainer", "web"}
