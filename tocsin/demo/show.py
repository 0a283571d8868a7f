"""`tocsin demo`: starts everything, shows what rings and how learning goes on, stops everything."""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.alert import Alert
from contracts.codec import decode
from contracts.errors import DecodeError
from contracts.topics import Topics
from producer.errors import ProducerError
from producer.simulator.scenario_files import load_scenario
from runtime.mqtt.connection import BrokerConnection
from runtime.settings import SettingsError
from tocsin.book.bell_lines import bell_lines
from tocsin.book.refusals import Refusals
from tocsin.broker.listening import visitor, wait_refusal
from tocsin.broker.local_broker import BrokerError
from tocsin.demo import hints, local_llm
from tocsin.demo.environments import model_words
from tocsin.demo.learning import Learning, learned_words
from tocsin.demo.ports import USUAL_PORT
from tocsin.demo.stage import Stage, StartError
from tocsin.demo.tally import Tally
from tocsin.demo.voice import Voice
from tocsin.stop_signals import Stop, stopping_by_signal
from tocsin.terminal import CommandError
from tocsin.time_words import span_words

if TYPE_CHECKING:
    from runtime.bus import Bus, Message
    from tocsin.demo.folder import DemoFolder
    from tocsin.demo.wish import Wish

_TURN_S = 0.2


def run_demo(folder: DemoFolder, wish: Wish, *, keep: bool, seconds: float | None) -> None:
    """Run the demo until Ctrl-C, or for so many seconds after the services are up.

    Raises:
        CommandError: there is no such scenario, a setting is wrong, the directory cannot be written, or a part did not
            start or died; everything is stopped by then.
    """
    try:
        load_scenario(wish.scenario)
    except ProducerError as error:
        raise CommandError(str(error), code=2) from error
    with closing(folder.claim()), stopping_by_signal() as stop:
        voice = Voice(stop)
        stage = _staged(folder, wish)
        show = _Show(stage, voice, stop, folder, wish)
        try:
            show.begin(keep=keep)
            show.go_on(seconds)
        except StartError as error:
            raise _died(error) from error
        except BrokerError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise folder.unwritable(error) from error
        finally:
            killed = stage.stop(stop, voice.progress)
            voice.quieten()
            show.say_goodbye(killed)


def _staged(folder: DemoFolder, wish: Wish) -> Stage:
    try:
        stage = Stage(folder, wish, os.environ)
        stage.look_ahead()
    except BrokerError as error:
        raise CommandError(str(error)) from error
    except SettingsError as error:
        raise CommandError(str(error), "settings are TOCSIN_* variables", code=2) from error
    return stage


class _Show:
    def __init__(self, stage: Stage, voice: Voice, stop: Stop, folder: DemoFolder, wish: Wish) -> None:
        self._stage = stage
        self._voice = voice
        self._stop = stop
        self._folder = folder
        self._wish = wish
        self._topics = Topics()
        self._learning = Learning()
        self._tally = Tally()
        self._refusals = Refusals(self._topics)

    def begin(self, *, keep: bool) -> None:
        started = time.monotonic()
        self._voice.progress("starting the broker")
        if not keep:
            self._folder.clear_broker()
        self._stage.start_broker()
        if not keep and self._folder.clear():
            self._voice.say(f"The last demo's alerts are in {self._folder.previous_database} now.", style="dim")
        self._stage.start(*self._stage.before_producer)
        self._stage.wait_ready(self._stop, self._voice.progress)
        if not self._stop.asked:
            self._stage.start("producer")
            self._stage.wait_ready(self._stop, self._voice.progress)
        if not self._stop.asked:
            self._tally.up_at = time.monotonic()
            self._say_hello(self._tally.up_at - started)

    def go_on(self, seconds: float | None) -> None:
        broker = self._stage.broker
        connection = BrokerConnection("127.0.0.1", broker.port, protocol=broker.program.protocol)
        bus = visitor(connection, [self._topics.every(kind) for kind in ("bell", "alerts", "devices", "deadletters")])
        bus.start()
        try:
            if not self._stop.asked and (refusal := wait_refusal(bus)) is not None:
                raise BrokerError(f"the broker of the demo does not answer: {refusal}")
            while not self._stop.asked and not self._is_over(seconds):
                self._turn(bus)
        finally:
            bus.stop()

    def say_goodbye(self, killed: list[str]) -> None:
        say = self._voice.say
        for name in killed:
            say(f"The {name} did not stop in time and was killed; its log: {self._folder.log(name)}", style="yellow")
        if not self._tally.up_at:
            return
        lasted = span_words(timedelta(seconds=time.monotonic() - self._tally.up_at))
        incidents = len(self._tally.incidents)
        alerts = f"{incidents or 'no'} alert{'' if incidents == 1 else 's'}"
        say()
        say(f"Stopped after {lasted}: {alerts} of {len(self._learning.devices)} devices.{self._tally.first_words()}")
        say(f"The database is {self._folder.database}; the logs are beside it. What next:")
        for line in hints.afterwards(self._folder, self._wish):
            say(f"  {line}", whole=True)

    def _say_hello(self, after: float) -> None:
        say, broker = self._voice.say, self._stage.broker
        self._voice.quieten()
        usual = "" if self._wish.port is not None or broker.port == USUAL_PORT else f" ({USUAL_PORT} is taken)"
        parts = ", ".join((*self._stage.before_producer, "producer"))
        say(f"Up after {after:.1f} s: {broker.program.name} on port {broker.port}{usual}, {parts}.", style="bold")
        model = local_llm.NAME if self._wish.local_llm else model_words(os.environ)
        explained = (
            f"explained by {model}" if model else "explained from evidence; --llm local adds a small language model"
        )
        say(f"The live page: {self._stage.page}", style="bold")
        say(f"Scenario {self._wish.scenario}; alerts are {explained}. Ctrl-C ends it.")
        say("In another terminal:")
        for line in hints.while_running(broker.port, self._folder):
            say(f"  {line}", whole=True)
        say("The devices are learning what is normal; then a bell rings when one behaves oddly.")
        say()

    def _turn(self, bus: Bus) -> None:
        messages = bus.receive(100, _TURN_S)
        for message in messages:
            self._take(message)
        bus.ack(messages)
        self._stage.check()
        if not self._stage.broker.running():
            raise BrokerError(f"the broker ended by itself; its log: {self._folder.broker / 'broker.log'}")
        self._voice.progress(self._learning.words())

    def _take(self, message: Message) -> None:
        kind = self._topics.kind_of(message.topic)
        if kind == "bell":
            self._voice.say(bell_lines(message, for_people=self._voice.for_people))
            self._voice.say()
        elif kind == "devices":
            learned = self._learning.take(message.payload)
            if learned is not None and not self._voice.for_people:
                self._voice.say(learned_words(learned))
        elif kind == "deadletters":
            if (line := self._refusals.line(message)) is not None:
                self._voice.say(line, style="dim")
        else:
            self._count(message)

    def _count(self, message: Message) -> None:
        try:
            self._tally.take(decode(message.payload, Alert))
        except DecodeError as error:  # anybody on this machine may publish here
            self._voice.say(f"no alert on {message.topic!a}: {error}", style="dim")

    def _is_over(self, seconds: float | None) -> bool:
        return seconds is not None and time.monotonic() - self._tally.up_at >= seconds


def _died(error: StartError) -> CommandError:
    child = error.child
    words = "\n".join(f"    {line}" for line in child.last_words()) or "    (it said nothing)"
    return CommandError(f"the {child.name} {error}. Its last words:\n{words}", f"its whole log: {child.log}")
