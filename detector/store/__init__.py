"""What the detector keeps in its file: readings, incidents, orders, versions, and each device as bytes."""
