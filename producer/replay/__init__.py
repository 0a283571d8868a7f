"""Recorded files are published as readings, and go on where they were interrupted."""
