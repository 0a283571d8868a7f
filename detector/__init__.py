"""Readings in, anomalies out: windows, features, models, calibration, evidence, incidents."""
