"""What is normal: fits, scores and their tails, what is learned and what is not."""
