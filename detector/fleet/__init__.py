"""All devices together: found, recovered, woken."""
