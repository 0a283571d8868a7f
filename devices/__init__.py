"""The languages real devices speak: what a foreign message says. Pure: no bus, no clock."""
