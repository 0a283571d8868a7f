"""Who can be asked for an explanation: a port, and one module for each client library."""
