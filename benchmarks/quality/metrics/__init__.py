"""How good verdicts are: each set's own measures."""
