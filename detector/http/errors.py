"""What a client is told when a request cannot be served."""

from __future__ import annotations


class RequestError(Exception):
    """A request that cannot be served.

    Attributes:
        status: of the HTTP answer.
        detail: what the answer says.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
