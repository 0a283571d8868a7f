"""What is told: findings, their kinds and evidence, incidents, anomalies."""
