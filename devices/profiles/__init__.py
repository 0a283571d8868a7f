"""Profiles: files that say which devices to listen to, and teach languages that nobody knows."""
