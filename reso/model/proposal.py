"""The proposal: a ruling made concrete in money, duties, rights and consent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reso.model.ruling import Ruling

Ending = Literal["agreed", "lapsed", "imposed"]


@dataclass(frozen=True, slots=True)
class Leg:
    """One movement of money.

    Attributes:
        payer: who bears it: a party, also where the money lies in escrow (then he would
            otherwise have had it, or he paid it in and it is released).
        payee: who gets it.
        amount: minor units of the case's currency, above zero.
        component: goods, shipping, voucher, subsidy, insurance, label or compensation.
        from_escrow: it comes out of what the order holds; otherwise out of the payer's pocket.
        fault: the party whose fault it is; empty: nobody's.
        after: the step of the remedy after which it is due; empty: now.
        name: the policy's own movement (an entry of `legs`); empty: of the refund or the release.
    """

    payer: str
    payee: str
    amount: int
    component: str
    from_escrow: bool
    fault: str = ""
    after: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError(f"a movement of {self.amount} minor units. Leave out what is not paid")


@dataclass(frozen=True, slots=True)
class Duty:
    """What a party has to do: answer this question, until then (None: no end)."""

    party: str
    question: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Right:
    """What a party may do: answer this question, until then (None: no end)."""

    party: str
    question: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Consent:
    """Whose yes is asked before a proposal holds, until when, and what silence means."""

    parties: tuple[str, ...]
    until: datetime
    silence_accepts: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A ruling made concrete.

    Attributes:
        how: in which way it ends the dispute; empty while it does not (a wait, a request, a
            human's turn).
        consent: whose yes it needs first; None: it holds at once.
        legs: every movement of money; none while the ruling is not settled, since an open
            question could change them.
        held: minor units that stay in escrow.
        refund: minor units of what the buyer paid that are refunded now; what a named payer adds
            on top is not among them.
    """

    ruling: Ruling
    how: Ending | Literal[""]
    consent: Consent | None = None
    legs: tuple[Leg, ...] = ()
    duties: tuple[Duty, ...] = ()
    rights: tuple[Right, ...] = ()
    held: int = 0
    refund: int = 0

    def paid_to(self, party: str) -> int:
        """Return what a party gets by all legs, in minor units."""
        return sum(leg.amount for leg in self.legs if leg.payee == party)
