"""Laws of settling, over random policies, orders and disputes: no money is lost or made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.facts.reader import read_case_file
from reso.model.proposal import Leg, Proposal
from reso.settlement.proposals import Settler
from tests.settlement.small import AT
from tests.shipped import PACKS, pack_of
from tests.strategies.small_packs import SmallPack, case_of, pack

ROOT = Path(__file__).parents[2]
PARTIES = ("buyer", "seller", "courier", "platform", "insurer")
HOLDS = {
    "goods": "order.items_subtotal",
    "shipping": "order.shipping_paid_by_buyer",
    "insurance": "order.shipping_actual",
    "voucher": "order.voucher_platform",
    "subsidy": "order.shipping_subsidy_platform",
}
OF_BUYER = ("goods", "shipping", "insurance")
LAWS = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@dataclass(frozen=True)
class Shop:
    """A random policy, and who bears what by it."""

    policy: SmallPack = field(repr=False)
    components: tuple[str, ...]
    paid_by: Mapping[str, str]
    earned_by: Mapping[str, str]
    borne_by: Mapping[str, str]
    partner: Mapping[str, str]


@cache
def loaded(text: str) -> SmallPack:
    return pack(text)


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """Return a policy with a random escrow and perhaps a matter that says who pays."""
    kept = [name for name in OF_BUYER[1:] if draw(st.booleans())]
    own = draw(st.permutations(["goods", *kept]))
    added = [name for name in ("voucher", "subsidy") if draw(st.booleans())]
    parties = st.sampled_from(PARTIES)
    paid_by, earned_by, borne_by, partner = {}, {}, {}, {}
    lines = []
    for name in (*own, *added):
        paid_by[name] = "buyer" if name in own else draw(st.sampled_from(["platform", "seller"]))
        earned_by[name] = draw(parties.filter(lambda party: party != "buyer"))
        borne_by[name] = draw(st.just(earned_by[name]) | parties)
        words = [f"holds: {HOLDS[name]}", f"paid_by: {paid_by[name]}"]
        words += [f"earned_by: {earned_by[name]}", f"borne_by: {borne_by[name]}"]
        if name in added:
            partner[name] = draw(st.sampled_from(own))
            words += [f"returned_with: {partner[name]}"]
            words += [f"remainder_to: {draw(st.sampled_from(['earner', 'payer']))}"]
        lines.append(f"  {name}: {{{', '.join(words)}}}")
    text = "\n".join((
        "settlements: {whole: order.total_paid, refund: {amount: claim.requested_amount}}",
        "rules:",
        "  r: {when: claim.requested_amount is known, conclude: refund}",
        "  s: {when: claim.requested_amount is none, conclude: release_to_seller}",
        "escrow:",
        *lines,
        "  refunded_before: history.refunded_amount",
        "  released: history.released_at is known",
    ))  # fmt: skip
    return Shop(loaded(text), (*own, *added), paid_by, earned_by, borne_by, partner)


@st.composite
def orders(draw: st.DrawFn) -> Mapping[str, int]:
    """Return what each component of an order was."""
    return {name: draw(st.integers(0, 10**7)) for name in HOLDS}


@dataclass
class Ledger:
    """An order whose settlements are carried out, leg by leg."""

    shop: Shop
    order: Mapping[str, int]
    refunded: int = 0
    released: bool = False
    legs: list[Leg] = field(default_factory=list)

    @property
    def paid(self) -> int:
        """What the buyer paid."""
        return sum(self.order[n] for n in self.shop.components if self.shop.paid_by[n] == "buyer")

    @property
    def held(self) -> int:
        """What the order holds as long as nothing has been handed out."""
        return sum(self.order[name] for name in self.shop.components)

    def propose(self, amount: int | None, before: tuple[int, ...] = ()) -> Proposal:
        """Return the proposal of a dispute that has settled on these amounts before."""
        fields = {path.partition(".")[2]: self.order[name] for name, path in HOLDS.items()}
        stated = ", ".join(f"{name}: {value}" for name, value in fields.items())
        asked = "" if amount is None else f", requested_amount: {amount}"
        ledger = [f"refunded_amount: {self.refunded}"] if self.refunded else []
        ledger += ["released_at: 2026-03-03T10:00+07:00"] if self.released else []
        settled = ", ".join(
            f"{{at: 2026-03-03T10:00+07:00, decision: refund_partial, amount: {one}}}"
            for one in before
        )
        text = (
            f"order: {{currency: IDR, placed_at: 2026-03-01T08:00+07:00, total_paid: {self.paid}, "
            f"{stated}}}\n"
            f"claim: {{type: damaged, filed_at: 2026-03-02T10:00+07:00{asked}}}\n"
            f"history: {{{', '.join(ledger)}}}\nsettled: [{settled}]\n"
        )
        policy = self.shop.policy.policy
        return Settler(Engine.of(Compiled(policy))).propose(case_of(policy.table, text, AT))

    def carry_out(self, proposal: Proposal) -> None:
        """Let a settlement hold."""
        self.legs += proposal.legs
        self.refunded += proposal.refund
        self.released |= any(leg.from_escrow for leg in proposal.legs)

    def to(self, party: str, component: str = "") -> int:
        """Return what a party got so far, perhaps of one component."""
        found = (leg for leg in self.legs if leg.payee == party)
        return sum(leg.amount for leg in found if component in ("", leg.component))


@given(shop=shops(), order=orders(), parts=st.lists(st.integers(0, 2 * 10**7), max_size=4))
@LAWS
def test_an_order_hands_out_what_came_in_across_all_its_disputes(
    shop: Shop, order: Mapping[str, int], parts: list[int]
) -> None:
    ledger = Ledger(shop, order)
    for part in parts:
        proposal = ledger.propose(part)
        out = sum(leg.amount for leg in proposal.legs if leg.from_escrow)
        in_escrow = 0 if ledger.released else ledger.held
        assert out + proposal.held == in_escrow, "to the last minor unit"
        ledger.carry_out(proposal)
    assert ledger.refunded <= ledger.paid, "refunds of all disputes together"
    assert ledger.to("buyer") <= ledger.paid + sum(
        order[n] for n in shop.components if shop.paid_by[n] != "buyer"
    )
    if ledger.released:
        assert sum(leg.amount for leg in ledger.legs if leg.from_escrow) == ledger.held


@given(shop=shops(), order=orders(), parts=st.lists(st.integers(0, 10**7), min_size=1, max_size=4))
@LAWS
def test_each_earner_and_funder_ends_with_what_is_his(
    shop: Shop, order: Mapping[str, int], parts: list[int]
) -> None:
    ledger = Ledger(shop, order)
    for part in parts:
        ledger.carry_out(ledger.propose(part))
    assume(ledger.released or not ledger.held)
    for name in shop.components:
        moved = [leg for leg in ledger.legs if leg.component == name]
        paid_by, earned_by, borne_by = shop.paid_by[name], shop.earned_by[name], shop.borne_by[name]
        back = sum(leg.amount for leg in moved if leg.payee == paid_by and leg.payer == borne_by)
        kept = sum(leg.amount for leg in moved if leg.payee == earned_by and leg.payer == paid_by)
        if len({paid_by, earned_by, borne_by}) == 3:
            assert kept == order[name], "another bears it: the earner has all of his"
        elif paid_by != earned_by == borne_by:
            taken = sum(leg.amount for leg in moved if leg.payer == earned_by)
            assert taken == back
        if name in shop.partner and ledger.refunded == ledger.paid and borne_by != paid_by:
            whole = order[name] if order[shop.partner[name]] else 0
            assert back == whole, "all goes back with a full refund"


@given(shop=shops(), order=orders(), asked=st.lists(st.integers(0, 10**7), min_size=2, max_size=4))
@LAWS
def test_settlements_of_one_dispute_pay_their_difference_only(
    shop: Shop, order: Mapping[str, int], asked: list[int]
) -> None:
    ledger, before = Ledger(shop, order), ()
    for amount in asked:
        proposal = ledger.propose(amount, before)
        ledger.carry_out(proposal)
        before = (*before, proposal.ruling.amount or 0)
    at_once = Ledger(shop, order)
    at_once.carry_out(at_once.propose(max(asked)))
    assert ledger.refunded == at_once.refunded == min(max(asked), ledger.paid)
    for party in PARTIES:
        for name in shop.components:
            borne = shop.borne_by[name]
            if borne not in (shop.earned_by[name], shop.paid_by[name]):
                assert ledger.to(party, name) == at_once.to(party, name)


@given(shop=shops(), order=orders(), one=st.integers(0, 10**7), other=st.integers(0, 10**7))
@LAWS
def test_a_greater_refund_gives_nobody_who_paid_less(
    shop: Shop, order: Mapping[str, int], one: int, other: int
) -> None:
    less, more = sorted((one, other))
    low, high = Ledger(shop, order), Ledger(shop, order)
    low.carry_out(low.propose(less))
    high.carry_out(high.propose(more))
    assert low.refunded <= high.refunded
    assert low.to("buyer") <= high.to("buyer")


# More goods claimed never lowers a refund


def refund_of(name: str, pieces: list[int], prices: list[int], requested: str) -> int:
    """Return what a buyer gets back whose seller approved, now or after the goods are back."""
    known = pack_of(name)
    items = [
        {"sku": f"A{n}", "qty_ordered": 5, "qty_claimed": count, "unit_price": price}
        for n, (count, price) in enumerate(zip(pieces, prices, strict=True))
    ]
    subtotal = sum(5 * price for price in prices)
    given = {
        "order": {
            "currency": known.policy.currencies[0],
            "items_subtotal": subtotal,
            "shipping_paid_by_buyer": 7,
            "total_paid": subtotal + 7,
            "placed_at": "2026-03-01T08:00+07:00",
            "category": "fashion",
        },
        "claim": {
            "type": "damaged",
            "requested": requested,
            "filed_at": "2026-03-08T10:00+07:00",
            "items": items,
        },
        "tracking": [
            {"at": "2026-03-02T10:00+07:00", "event": "picked_up"},
            {"at": "2026-03-07T10:00+07:00", "event": "delivered", "address_match": "yes"},
        ],
        "responses": [{"at": "2026-03-08T12:00+07:00", "party": "seller", "action": "approve"}],
        "now": "2026-03-09T10:00+07:00",
    }
    found = known.settler.propose(read_case_file(given, known.table, "law").case_at())
    return found.ruling.amount or 0


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("requested", ["refund", "return_and_refund"])
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_more_goods_claimed_never_lowers_a_refund(
    name: str, requested: str, data: st.DataObject
) -> None:
    prices = data.draw(st.lists(st.integers(1, 10**5), min_size=1, max_size=3), label="prices")
    pieces = [data.draw(st.integers(1, 4), label="pieces") for _ in prices]
    steps = [pieces]
    for n in data.draw(st.lists(st.integers(0, len(pieces) - 1), max_size=4), label="more"):
        steps.append([min(5, c + 1) if at == n else c for at, c in enumerate(steps[-1])])
    refunds = [refund_of(name, step, prices, requested) for step in steps]
    assert all(low <= high for low, high in pairwise(refunds))


def test_that_law_is_not_empty() -> None:
    found = [refund_of(name, [1], [100], kind) for name in PACKS for kind in ("refund",)]
    assert sum(amount > 0 for amount in found) >= 2, "most packs refund what the seller approved"
