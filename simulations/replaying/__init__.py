"""A replay from the source to the figures: the history opened, led by an engine, measured."""
