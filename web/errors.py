"""What can go wrong in the page's service."""

from __future__ import annotations


class WebError(Exception):
    """Base of the page's errors."""


class UsersFileError(WebError, ValueError):
    """The file of users cannot be used; the text names the line. A wrong setting, too, as pydantic sees it."""


class UnknownDeviceError(WebError):
    """Nothing has been heard of a device."""


class NotTakenError(WebError):
    """The broker has not taken what a person sent."""
