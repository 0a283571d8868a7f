"""Explanations by a model: asked for at a desk of its own, checked against the evidence, never in the way."""
