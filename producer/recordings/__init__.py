"""Recorded files as readings: CSV and JSON lines, plain or gzip."""
