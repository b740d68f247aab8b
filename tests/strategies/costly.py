"""How many examples laws take of which each costs much."""

from hypothesis import settings

DEV = 30
"""Examples of a law in the profile `dev`."""


def few(examples: int) -> settings:
    """Return settings for so many examples in the profile `dev`, and as many more in others."""
    return settings(max_examples=max(1, examples * settings().max_examples // DEV))


COSTLY = few(10)
"""For laws each of whose examples is a docket of disputes under a policy of its own."""
