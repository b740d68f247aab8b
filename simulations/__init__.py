"""Replays of recorded disputes: what a policy would have made of them."""
