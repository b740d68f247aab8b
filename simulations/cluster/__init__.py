"""A replay on a Spark cluster: each slice of a history is led by one task, as on one machine."""
