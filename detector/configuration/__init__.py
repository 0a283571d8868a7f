"""What is set for detection, and what people know of their devices."""
