"""Small policies whose money is looked at, and the proposals they come to."""

from collections.abc import Iterable
from datetime import datetime
from textwrap import dedent

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.model.proposal import Leg, Proposal
from reso.settlement.proposals import Settler
from tests.strategies.small_packs import SmallPack, pack

AT = "2026-03-20T10:00+07:00"
ORDER = {
    "currency": "IDR",
    "placed_at": "2026-03-01T08:00+07:00",
    "total_paid": 100_000,
    "shipping_paid_by_buyer": 20_000,
    "voucher_platform": 8_000,
    "shipping_subsidy_platform": 5_000,
}
ESCROW = """
escrow:
  goods:
    holds: order.total_paid - order.shipping_paid_by_buyer
    paid_by: buyer
    earned_by: seller
  shipping:
    holds: order.shipping_paid_by_buyer
    paid_by: buyer
    earned_by: courier
    borne_by: seller
  voucher:
    holds: order.voucher_platform
    paid_by: platform
    earned_by: seller
    returned_with: goods
  subsidy:
    holds: order.shipping_subsidy_platform
    paid_by: platform
    earned_by: courier
    borne_by: platform
    returned_with: shipping
  at_stake: claim.party is buyer
  refunded_before: history.refunded_amount
  released: history.released_at is known
"""
SETTLEMENTS = """
readings:
  wished: first_known(claim.requested_amount, order.total_paid)
settlements:
  whole: order.total_paid
  refund: {amount: wished}
  return_and_refund: {amount: wished}
"""


def ruled(conclude: str, more: str = "", escrow: str = ESCROW) -> SmallPack:
    """Return a policy that concludes one thing of every claim; `more` are further sections."""
    rule = f"\nrules:\n  r: {{when: claim is known, conclude: {conclude}}}\n"
    sections = dedent(more)
    if "rules:\n" in sections:
        sections = sections.replace("rules:\n", f"{rule.strip()}\n")
        rule = ""
    return pack(f"{SETTLEMENTS}{escrow}{rule}{sections}")


def proposal(policy: SmallPack, *facts: str, at: str = AT, **order: int) -> Proposal:
    """Return what a policy proposes of a damaged order of Rp100,000, Rp20,000 of it shipping."""
    stated = ", ".join(f"{name}: {value}" for name, value in {**ORDER, **order}.items())
    claim = "claim: {type: damaged, filed_at: 2026-03-02T10:00+07:00}"
    given = facts if any(fact.startswith("claim") for fact in facts) else (claim, *facts)
    text = "\n".join((f"order: {{{stated}}}", *given, ""))
    settler = Settler(Engine.of(Compiled(policy.policy)))
    return settler.propose(policy.case(text, at), datetime.fromisoformat(at))


def claim(**fields: object) -> str:
    """Return the claim of a case file."""
    stated = {"type": "damaged", "filed_at": "2026-03-02T10:00+07:00", **fields}
    return f"claim: {{{', '.join(f'{name}: {value}' for name, value in stated.items())}}}"


def told(legs: Iterable[Leg]) -> list[str]:
    """Return movements in short: `seller>buyer 8 goods`; `*` out of escrow, `@` after a step."""
    return [
        f"{leg.payer}>{leg.payee} {leg.amount} {leg.component}"
        f"{'*' if leg.from_escrow else ''}{f' @{leg.after}' if leg.after else ''}"
        for leg in legs
    ]
