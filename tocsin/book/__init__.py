"""The alert book on the command line."""
