"""One device: its detector, what is known of it, and what was said about a reading."""
