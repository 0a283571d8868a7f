"""The detector's HTTP face: models and streams by request, feature buffers, what the detector keeps of its devices."""
