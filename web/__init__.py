"""The live page and the HTTP API: reads the database, listens to the bus, sends feedback and commands."""
