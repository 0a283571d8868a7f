"""What an incident is by now: anomalies and what people said of it, merged."""
