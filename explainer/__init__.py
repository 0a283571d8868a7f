"""Anomalies in, alerts out: an incident has one, stored, published, explained. Imports contracts, runtime, storage."""
