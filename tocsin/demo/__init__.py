"""Everything on this machine without containers: a broker, the services as processes, and what they ring."""
