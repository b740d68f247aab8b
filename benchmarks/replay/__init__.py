"""What a replay of a million disputes costs: time, memory, and the rules alone."""
