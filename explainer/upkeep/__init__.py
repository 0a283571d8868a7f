"""What the explainer does from time to time: reminders, digests, pruning, imports."""
