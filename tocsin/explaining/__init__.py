"""Explanations again, and side by side."""
