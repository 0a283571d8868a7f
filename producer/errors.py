"""What can go wrong in this package."""

from __future__ import annotations


class ProducerError(Exception):
    """Base of this package's errors."""


class ScenarioError(ProducerError, ValueError):
    """A scenario file cannot be used; the message names the file and every wrong key. A wrong setting, for pydantic."""


class RecordingError(ProducerError):
    """A recorded file cannot be read as readings; the message names the file and what to say about it."""
