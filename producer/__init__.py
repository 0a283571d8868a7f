"""Sources of readings: a simulator with scenarios and faults, and replay of recorded files."""
