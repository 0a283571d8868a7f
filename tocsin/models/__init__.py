"""Models on the command line: trained, listed, rolled back."""
