"""The services' settings, looked at before a service is started."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from detector.settings import DetectorSettings
from explainer.local_model.settings import LocalModelSettings
from explainer.settings import ExplainerSettings
from producer.settings import ProducerSettings
from runtime.settings import ServiceSettings, SettingsError, load_settings
from web.settings import WebSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CLASSES: dict[str, type[ServiceSettings]] = {
    "detector": DetectorSettings,
    "explainer": ExplainerSettings,
    "llm": LocalModelSettings,
    "producer": ProducerSettings,
    "web": WebSettings,
}


def check_settings(environments: Mapping[str, Mapping[str, str]]) -> None:
    """See that each service takes the settings of the environment it will be started in.

    Raises:
        SettingsError: at least one is wrong; all of them are named, each once.
    """
    wrong: dict[str, None] = {}
    for service, environ in environments.items():
        try:
            with _environment(environ):
                load_settings(_CLASSES[service])
        except SettingsError as error:
            wrong.update(dict.fromkeys(str(error).splitlines()))
    if wrong:
        raise SettingsError("\n".join(wrong))


@contextmanager
def _environment(environ: Mapping[str, str]) -> Iterator[None]:
    """Be in an environment for the time of a block: settings are read from it."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(environ)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
