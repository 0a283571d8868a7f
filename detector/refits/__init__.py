"""New models: when, on which rows, and fitted where nothing waits for them."""
