"""What can go wrong in the page's service."""

from __future__ import annotations


class WebError(Exception):
    """Base of the page's errors."""


class UsersFileError(WebError):
    """The file of users cannot be used; the text names the line and what was expected."""


class UnknownDeviceError(WebError):
    """Nothing has been heard of a device."""


class NotTakenError(WebError):
    """The broker has not taken what a person sent."""
