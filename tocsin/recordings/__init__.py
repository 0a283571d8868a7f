"""Recorded files on the command line."""
