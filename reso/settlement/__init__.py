"""From a ruling to a proposal: money, duties, rights, consent."""

from reso.settlement.proposals import propose

__all__ = ["propose"]
