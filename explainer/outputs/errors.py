"""What can go wrong with outputs."""

from __future__ import annotations

from explainer.errors import ChosenFileError, ExplainerError


class OutputError(ChosenFileError):
    """The file of outputs cannot be used; the text names every mistake in it."""


class DeliveryError(ExplainerError):
    """An output was not reached, or did not take a notice.

    Args:
        message: what happened, free of addresses and secrets.
        hopeless: whether the same notice will never be taken.
        retry_after: seconds that the other side asks to wait.
    """

    def __init__(self, message: str, *, hopeless: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.hopeless = hopeless
        self.retry_after = retry_after
