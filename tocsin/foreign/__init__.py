"""Devices that speak their own language, as the commands show them."""
