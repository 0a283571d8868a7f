"""How a service lives: bus, settings, lifecycle, health, metrics, logs. Imports nothing of ours."""
