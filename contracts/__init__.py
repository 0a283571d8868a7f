"""What is said on the bus: messages, topics, codec and schemas. Imports nothing of ours."""
