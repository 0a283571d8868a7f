"""`tocsin home-assistant`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.broker.options import with_broker_options

if TYPE_CHECKING:
    from tocsin.broker.options import BrokerOptions


@with_broker_options
def home_assistant(
    *,
    broker: BrokerOptions,
    discovery_prefix: Annotated[
        str, typer.Option(metavar="LEVELS", help="Home Assistant's discovery prefix.")
    ] = "homeassistant",
) -> None:
    """Show the alerts in Home Assistant: a problem, a score and an event on each device's page, until Ctrl-C."""
    from contracts.topics import Topics  # noqa: PLC0415 - help must not wait for it
    from tocsin.broker.listening import visiting  # noqa: PLC0415
    from tocsin.foreign.home_assistant import HomeAssistantPages  # noqa: PLC0415
    from tocsin.stop_signals import stopping_by_signal  # noqa: PLC0415
    from tocsin.terminal import errors  # noqa: PLC0415

    settings = broker.settings()
    pages = HomeAssistantPages(Topics(settings.topic_prefix), discovery_prefix)
    with stopping_by_signal() as stop, visiting(settings.connection, pages.filters) as bus:
        errors().print(f"Announcing devices below {discovery_prefix}; Ctrl-C ends it, the entities stay.", style="dim")
        while not stop.asked:
            for message in bus.receive(100, 0.2):
                for topic, payload in pages.take(message):
                    bus.publish(topic, payload, retain=True)
                bus.ack([message])
