"""What a replay comes to: measures in SQL over the tables of its results."""
