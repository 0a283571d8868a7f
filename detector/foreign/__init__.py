"""Readings of devices that speak their own languages."""
