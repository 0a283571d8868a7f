"""The languages, one a module, in the order in which they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.formats.announced import Announced
from devices.formats.clouds import AwsShadow, AzureHub, ThingsBoardDevice, ThingsBoardGateway
from devices.formats.collectd import Collectd
from devices.formats.discovery import HomeAssistantDiscovery
from devices.formats.esphome import Esphome
from devices.formats.form import Form
from devices.formats.gateways import Theengs, Victron, ZwaveJs
from devices.formats.homie import Homie
from devices.formats.json_objects import Json
from devices.formats.lorawan import ChirpStack, TheThingsStack
from devices.formats.online_words import Availability
from devices.formats.orders import Orders
from devices.formats.plain import Plain
from devices.formats.rtl433 import Rtl433
from devices.formats.ruuvi import RuuviGateway
from devices.formats.senml import SenML
from devices.formats.shelly import ShellyGen1, ShellyGen2
from devices.formats.sparkplug import SparkplugB
from devices.formats.statestream import Statestream
from devices.formats.tasmota import Tasmota
from devices.formats.telegraf import InfluxLine, TelegrafJson
from devices.formats.zigbee2mqtt import Zigbee2Mqtt

if TYPE_CHECKING:
    from devices.formats.port import Format

# The surest signs first: a topic of its own, then a payload's shape, then custom; what has no sign comes last.
FORMATS: tuple[type[Format], ...] = (
    SparkplugB,
    HomeAssistantDiscovery,
    Zigbee2Mqtt,
    Announced,
    Homie,
    TheThingsStack,
    ChirpStack,
    ThingsBoardGateway,
    ThingsBoardDevice,
    AwsShadow,
    AzureHub,
    RuuviGateway,
    Theengs,
    Rtl433,
    ShellyGen1,
    Victron,
    ZwaveJs,
    Tasmota,
    Orders,
    SenML,
    TelegrafJson,
    ShellyGen2,
    Statestream,
    Esphome,
    Collectd,
    Availability,
    InfluxLine,
    Form,
    Json,
    Plain,
)
