"""What parties would have answered where the record does not tell: a stated model."""
