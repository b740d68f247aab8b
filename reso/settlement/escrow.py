"""How a refund is taken out of what an order holds, and what is left is released.

All amounts are minor units. A refund takes the components the buyer paid in the policy's order,
after what earlier refunds of the order have taken; so refunds one after another come to the same
as their sum at once, to the last minor unit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reso.model.proposal import Leg
from reso.policy.model import Holding


@dataclass(frozen=True, slots=True)
class Held:
    """A component of an order and how much of it was paid in."""

    holding: Holding
    amount: int

    @property
    def component(self) -> str:
        """The name of the component."""
        return self.holding.component


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a component goes back to who paid it, and how much its earner keeps."""

    held: Held
    returned: int
    kept: int


@dataclass(frozen=True, slots=True)
class Order:
    """What an order held at first, and how much of the buyer's part went back to him before."""

    components: tuple[Held, ...]
    refunded_before: int = 0

    @property
    def paid_by_buyer(self) -> int:
        """What the buyer paid."""
        return sum(held.amount for held in self._of_buyer())

    @property
    def refundable(self) -> int:
        """What can still go back to the buyer."""
        return max(0, self.paid_by_buyer - self.refunded_before)

    @property
    def held(self) -> int:
        """Everything the order still holds."""
        gone = self._taken(min(self.refunded_before, self.paid_by_buyer))
        return sum(held.amount - self._back(held, gone) for held in self.components)

    def split(self, refund: int, first: str = "") -> tuple[Share, ...]:
        """Return what a refund of `refund` takes of each component, and what is left of it.

        Args:
            refund: minor units.
            first: the buyer's component that is taken first, such as a shipping fee that goes
                back alone; empty: the policy's order.

        Raises:
            ValueError: the order does not hold that much any more.
        """
        if not 0 <= refund <= self.refundable:
            raise ValueError(f"a refund of {refund} out of {self.refundable} minor units")
        start = min(self.refunded_before, self.paid_by_buyer)
        before = self._taken(start)
        after = self._taken(start + refund) if not first else self._added(before, refund, first)
        shares = []
        for held in self.components:
            gone, back = self._back(held, before), self._back(held, after)
            shares.append(Share(held, back - gone, held.amount - back))
        return tuple(shares)

    def _of_buyer(self) -> list[Held]:
        return [held for held in self.components if held.holding.paid_by == "buyer"]

    def _taken(self, refunded: int) -> Mapping[str, int]:
        """Return how much of each of the buyer's components `refunded` in all has taken."""
        taken: dict[str, int] = {}
        for held in self._of_buyer():
            taken[held.component] = min(held.amount, refunded)
            refunded -= taken[held.component]
        return taken

    def _added(self, taken: Mapping[str, int], refund: int, first: str) -> Mapping[str, int]:
        """Return what has been taken once `refund` is, too, out of the component `first` first."""
        after = dict(taken)
        for held in sorted(self._of_buyer(), key=lambda held: held.component != first):
            part = min(refund, held.amount - taken[held.component])
            after[held.component] += part
            refund -= part
        return after

    def _back(self, held: Held, taken: Mapping[str, int]) -> int:
        """Return how much of a component has gone back to who paid it."""
        if held.holding.paid_by == "buyer":
            return taken[held.component]
        partner = next(h for h in self._of_buyer() if h.component == held.holding.returned_with)
        if partner.amount == 0:  # then it goes back with the last of the buyer's money
            whole = self.paid_by_buyer
            return held.amount if whole and sum(taken.values()) == whole else 0
        share, rest = divmod(held.amount * taken[partner.component], partner.amount)
        return share + (1 if rest and held.holding.remainder_to == "payer" else 0)


def refund_legs(
    shares: Iterable[Share], payers: Mapping[str, str], fault: str, after: str, released: bool
) -> list[Leg]:
    """Return the movements of a refund that takes these shares.

    Args:
        shares: of `Order.split`.
        payers: who bears the refund of each component. Its earner bears it out of escrow,
            anyone else out of his own pocket.
        fault: whose fault it is.
        after: the step after which it is due.
        released: the earners have been paid before, so they, too, pay out of their pockets.
    """
    legs: list[Leg] = []
    for share in shares:
        holding = share.held.holding
        payer, payee = payers[holding.component], holding.paid_by
        if share.returned and payer != payee:
            out = payer == holding.earned_by and not released
            legs.append(Leg(payer, payee, share.returned, holding.component, out, fault, after))
    return legs


def release_legs(shares: Iterable[Share], payers: Mapping[str, str], after: str = "") -> list[Leg]:
    """Return the movements that pay the earners: what is left, and what others refund for them."""
    legs: list[Leg] = []
    for share in shares:
        holding = share.held.holding
        stays = (
            payers[holding.component] != holding.earned_by or holding.paid_by == holding.earned_by
        )
        if amount := share.kept + (share.returned if stays else 0):
            component = holding.component
            legs.append(Leg(holding.paid_by, holding.earned_by, amount, component, True, "", after))
    return legs
