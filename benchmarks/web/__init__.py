"""The live page under load, and pictures of it."""
