"""What foreign values mean together: time, units, counters, values that belong together, who is there."""
