"""Instants as prepared facts hold them: microseconds since 1970 UTC."""

from datetime import datetime, timedelta

from simulations.sql.calendar import EPOCH, microseconds


def instant(microseconds: int) -> datetime:
    """Return the instant so many microseconds after 1970, in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


__all__ = ["EPOCH", "instant", "microseconds"]
