"""The one command line of Tocsin."""
