"""Simulated devices: healthy signals, faults, and their truth, from a scenario and a seed."""
