"""Webhooks, mail and the like: what they are told, when, and how it gets there."""
