"""What comes over the bus, a batch at a time, and what goes out."""
