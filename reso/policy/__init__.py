"""Policies: the file format, its loader and checker, and the frozen policy they yield."""
