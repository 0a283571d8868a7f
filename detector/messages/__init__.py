"""What comes over the bus and what goes out."""
