"""Warnings: what an author should look at again in a policy that can be used."""

from reso.policy.review.remark import Remark, remark, settled
from reso.policy.review.review import remarks

__all__ = ["Remark", "remark", "remarks", "settled"]
