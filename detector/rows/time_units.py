"""Seconds in the units that habits, shifts and budgets are reckoned in."""

HOUR_S = 3600.0
DAY_S = 24.0 * HOUR_S
