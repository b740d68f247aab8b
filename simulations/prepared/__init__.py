"""Histories prepared for replays of many disputes: read, typed and folded once, by DuckDB."""
