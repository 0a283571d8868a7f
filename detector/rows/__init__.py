"""Readings as rows: which metric stands where, its features, its pace, what is kept of it."""
