"""A small language model on this machine, served as the large ones are; needs the extra `llm` and a model file."""
