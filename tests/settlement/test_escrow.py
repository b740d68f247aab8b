"""Laws of an order's money: nothing is lost or made, in one dispute and across all of an order."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.expressions.tree import Lit, Type
from reso.model.proposal import Leg
from reso.policy.document import Mark
from reso.policy.model import Holding
from reso.settlement.escrow import Held, Order, refund_legs, release_legs

NOWHERE = Mark("", 0, 0, 0)
NOTHING = Lit(0, Type("money"))
PARTIES = ("buyer", "seller", "courier", "platform", "insurer")
AMOUNTS = st.integers(0, 10**9)


def holding(
    component: str, paid_by: str, earned_by: str, with_: str = "", to: str = "earner"
) -> Holding:
    return Holding(component, NOTHING, paid_by, earned_by, earned_by, with_, to, NOWHERE)  # type: ignore[arg-type]


@st.composite
def orders(draw: st.DrawFn) -> Order:
    to = draw(st.sampled_from(["earner", "payer"]))
    return Order(
        (
            Held(holding("goods", "buyer", "seller"), draw(AMOUNTS)),
            Held(holding("shipping", "buyer", "courier"), draw(AMOUNTS)),
            Held(holding("voucher", "platform", "seller", "goods", to), draw(AMOUNTS)),
            Held(holding("subsidy", "platform", "courier", "shipping", to), draw(AMOUNTS)),
        )
    )


PAYERS = st.fixed_dictionaries(
    {name: st.sampled_from(PARTIES) for name in ("goods", "shipping", "voucher", "subsidy")}
)


def moved(order: Order, refund: int, payers: Mapping[str, str]) -> list[Leg]:
    shares = order.split(refund)
    return refund_legs(shares, payers, "", "", False) + release_legs(shares, payers)


def earners(order: Order) -> dict[str, str]:
    return {held.component: held.holding.earned_by for held in order.components}


@given(order=orders(), part=st.fractions(0, 1), payers=PAYERS)
def test_what_the_order_holds_is_handed_out_whole(
    order: Order, part: float, payers: Mapping[str, str]
) -> None:
    refund = int(order.paid_by_buyer * part)
    out = sum(leg.amount for leg in moved(order, refund, payers) if leg.from_escrow)
    assert out == order.held


@given(order=orders(), part=st.fractions(0, 1))
def test_nobody_pays_out_of_his_pocket_where_each_earner_bears_his_own(
    order: Order, part: float
) -> None:
    legs = moved(order, int(order.paid_by_buyer * part), earners(order))
    assert all(leg.from_escrow for leg in legs)


@given(order=orders(), part=st.fractions(0, 1), payers=PAYERS)
def test_the_buyer_gets_exactly_the_refund_unless_he_bears_it_himself(
    order: Order, part: float, payers: Mapping[str, str]
) -> None:
    refund = int(order.paid_by_buyer * part)
    back = sum(leg.amount for leg in moved(order, refund, payers) if leg.payee == "buyer")
    own = sum(
        share.returned
        for share in order.split(refund)
        if share.held.holding.paid_by == "buyer" and payers[share.held.component] == "buyer"
    )
    assert back == refund - own


@given(order=orders(), part=st.fractions(0, 1), payers=PAYERS)
def test_each_earner_loses_only_what_he_bears(
    order: Order, part: float, payers: Mapping[str, str]
) -> None:
    refund = int(order.paid_by_buyer * part)
    legs = moved(order, refund, payers)
    for share in order.split(refund):
        holding = share.held.holding
        bears = payers[share.held.component] == holding.earned_by
        got = sum(
            leg.amount
            for leg in legs
            if (leg.payee, leg.component) == (holding.earned_by, share.held.component)
        )
        assert got == share.held.amount - (share.returned if bears else 0)


@given(order=orders(), parts=st.lists(st.integers(0, 10**8), max_size=6))
def test_refunds_one_after_another_come_to_the_same_as_at_once(
    order: Order, parts: list[int]
) -> None:
    before, given_back = 0, {held.component: 0 for held in order.components}
    for part in parts:
        now = Order(order.components, before)
        refund = min(part, now.refundable)
        for share in now.split(refund):
            given_back[share.held.component] += share.returned
        before += refund
    at_once = {s.held.component: s.returned for s in order.split(before)}
    assert given_back == at_once
    assert before <= order.paid_by_buyer


@given(order=orders())
def test_a_full_refund_gives_each_funder_all_of_his_share_back(order: Order) -> None:
    shares = {share.held.component: share for share in order.split(order.paid_by_buyer)}
    for voucher in ("voucher", "subsidy"):
        whole = shares[voucher].held.amount if order.paid_by_buyer else 0
        assert shares[voucher].returned == whole


@given(order=orders(), less=st.fractions(0, 1), more=st.fractions(0, 1))
def test_a_greater_refund_never_lowers_what_anybody_gets_back(
    order: Order, less: float, more: float
) -> None:
    low, high = sorted((int(order.paid_by_buyer * less), int(order.paid_by_buyer * more)))
    for one, other in zip(order.split(low), order.split(high), strict=True):
        assert one.returned <= other.returned


@given(order=orders(), part=st.fractions(0, 1))
def test_a_component_may_be_taken_first_and_the_sum_stays_the_same(
    order: Order, part: float
) -> None:
    refund = int(order.paid_by_buyer * part)
    by_name = {share.held.component: share for share in order.split(refund, first="shipping")}
    shipping = by_name["shipping"]
    assert shipping.returned == min(refund, shipping.held.amount)
    assert shipping.returned + by_name["goods"].returned == refund


def test_a_subsidy_of_shipping_that_was_free_goes_back_with_the_last_of_the_money() -> None:
    goods = Held(holding("goods", "buyer", "seller"), 100)
    free = Held(holding("shipping", "buyer", "courier"), 0)
    subsidy = Held(holding("subsidy", "platform", "courier", "shipping"), 12)
    order = Order((goods, free, subsidy))
    assert [order.split(refund)[2].returned for refund in (0, 99, 100)] == [0, 0, 12]


def test_the_left_over_minor_unit_goes_where_the_policy_says() -> None:
    goods = Held(holding("goods", "buyer", "seller"), 3)
    for to, back in (("earner", 3), ("payer", 4)):
        voucher = Held(holding("voucher", "platform", "seller", "goods", to), 10)
        (_, share) = Order((goods, voucher)).split(1)
        assert (share.returned, share.kept) == (back, 10 - back)


@pytest.mark.parametrize("refund", [-1, 101])
def test_what_the_order_does_not_hold_is_refused(refund: int) -> None:
    order = Order((Held(holding("goods", "buyer", "seller"), 100),))
    with pytest.raises(ValueError, match=f"a refund of {refund} out of 100 minor units"):
        order.split(refund)
