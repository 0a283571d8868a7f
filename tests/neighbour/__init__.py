"""Clients of the API of `/v1/ml`, written from its description: they read the keys that its users read."""
