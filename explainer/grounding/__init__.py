"""Checks that a text states only what the evidence holds."""
