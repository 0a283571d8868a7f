"""Forms, as the web writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from devices.formats.json_objects import wide
from devices.formats.port import Format
from devices.telegram import telemetry

if TYPE_CHECKING:
    from devices.foreign_message import ForeignMessage
    from devices.telegram import Telegram

_FORM = re.compile(r"[\w.\-\[\]]{1,64}=[^&=\s]*(?:&[\w.\-\[\]%]{1,64}=[^&=\s]*)*", re.ASCII)
_VERBS = frozenset({"publish", "update", "post", "data", "telemetry", "send"})
_LONGEST = 8192


class Form(Format):
    """`a=1&b=2`, as web forms write it."""

    name = "form_urlencoded"

    def read(self, message: ForeignMessage) -> Telegram | None:
        """Read a form."""
        text = message.text
        if not text or "=" not in text or len(text) > _LONGEST or not _FORM.fullmatch(text):
            return None
        levels = message.levels
        device = "/".join(levels[:-1] if levels[-1] in _VERBS and len(levels) > 1 else levels)
        return telemetry(self.name, wide(device, dict(parse_qsl(text, keep_blank_values=True, max_num_fields=512))))
