"""The sub-commands: what each one is called and may be told. What they do is imported only when they run."""
