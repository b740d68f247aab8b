"""The nouns of a dispute: money, time, and what happens between the parties."""
