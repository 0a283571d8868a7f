"""What every route has at hand, and how answers are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import Request, Response

if TYPE_CHECKING:
    from detector.http.batch_models import BatchModels
    from detector.http.buffers import Buffers
    from detector.http.fits import Fits
    from detector.http.kept_devices import KeptDevices
    from detector.http.streams import Streams


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts behind the routes, put together in bootstrap."""

    fits: Fits
    models: BatchModels
    streams: Streams
    buffers: Buffers
    devices: KeptDevices


def parts_of(request: Request) -> Parts:
    """Return the parts of the application that serves a request."""
    parts: Parts = request.app.state.parts
    return parts


class Json(Response):
    """An answer that is written as it is, without another validation; what is not finite becomes null."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - starlette's signature
        """Write the answer."""
        return msgspec.json.encode(content)
