"""Proposals in money: who pays whom what, by remedy, payer, voucher, subsidy and label."""

import pytest

from reso.policy.model import COMPONENTS
from tests.settlement.small import ESCROW, claim, proposal, ruled, told
from tests.strategies.small_packs import pack

FULL = ["seller>buyer 80000 goods*", "seller>buyer 20000 shipping", "seller>platform 8000 voucher*"]
COURIER_PAID = ["buyer>courier 20000 shipping*", "platform>courier 5000 subsidy*"]
ALL_RELEASED = [
    "buyer>seller 80000 goods*",
    "buyer>courier 20000 shipping*",
    "platform>seller 8000 voucher*",
    "platform>courier 5000 subsidy*",
]


def bearing(payer: str, matter: str = "payer") -> str:
    """Return a rule on who pays."""
    return f"""
        rules:
          who: {{when: claim is known, matter: {matter}, conclude: {payer}}}
        otherwise: {{outcome: escalate, {matter}: none}}
        """


# By remedy and payer


@pytest.mark.parametrize(
    ("conclude", "more", "legs"),
    [
        pytest.param("refund_full", "", FULL + COURIER_PAID, id="all_back"),
        pytest.param(
            "{remedy: refund, amount: 40000 IDR}",
            "",
            [
                "seller>buyer 40000 goods*",
                "seller>platform 4000 voucher*",
                "buyer>seller 40000 goods*",
                "buyer>courier 20000 shipping*",
                "platform>seller 4000 voucher*",
                "platform>courier 5000 subsidy*",
            ],
            id="half_of_the_goods",
        ),
        pytest.param("release_to_seller", "", ALL_RELEASED, id="all_released"),
        pytest.param("deny", "", ALL_RELEASED, id="denied"),
        pytest.param(
            "refund_full",
            bearing("courier"),
            [
                "courier>buyer 80000 goods",
                "courier>buyer 20000 shipping*",
                "courier>platform 8000 voucher",
                "courier>platform 5000 subsidy*",
                "buyer>seller 80000 goods*",
                "platform>seller 8000 voucher*",
            ],
            id="the_courier_bears_it",
        ),
        pytest.param(
            "refund_full",
            bearing("platform"),
            ["platform>buyer 80000 goods", "platform>buyer 20000 shipping", *ALL_RELEASED],
            id="the_platform_bears_it",
        ),
        pytest.param(
            "refund_full",
            bearing("insurer"),
            [
                "insurer>buyer 80000 goods",
                "insurer>buyer 20000 shipping",
                "insurer>platform 8000 voucher",
                "insurer>platform 5000 subsidy",
                *ALL_RELEASED,
            ],
            id="the_insurer_bears_it",
        ),
        pytest.param(
            "refund_full",
            bearing("courier", "payer_of_shipping"),
            [
                "seller>buyer 80000 goods*",
                "courier>buyer 20000 shipping*",
                "seller>platform 8000 voucher*",
                "courier>platform 5000 subsidy*",
            ],
            id="each_bears_his_own",
        ),
        pytest.param(
            "refund_full",
            bearing("buyer", "payer_of_shipping"),
            [
                "seller>buyer 80000 goods*",
                "seller>platform 8000 voucher*",
                "buyer>platform 5000 subsidy",
                *COURIER_PAID,
            ],
            id="the_buyer_bears_the_shipping",
        ),
        pytest.param("replace_or_resend_missing", "", [], id="goods_first"),
        pytest.param("escalate", "", [], id="a_humans_turn"),
    ],
)
def test_who_pays_whom(conclude: str, more: str, legs: list[str]) -> None:
    found = proposal(ruled(conclude, more))
    assert told(found.legs) == legs
    out = sum(leg.amount for leg in found.legs if leg.from_escrow)
    assert out + found.held == 113_000, "the order holds what it does not hand out"


def test_what_its_earner_paid_in_himself_comes_back_to_him_all_the_same() -> None:
    own = ESCROW.replace(
        "paid_by: platform\n    earned_by: seller", "paid_by: seller\n    earned_by: seller"
    )
    found = proposal(ruled("refund_full", escrow=own))
    assert "seller>seller 8000 voucher*" in told(found.legs)
    assert found.held == 0


def test_every_component_has_a_name() -> None:
    assert {"goods", "shipping", "voucher", "subsidy", "insurance", "label"} < set(COMPONENTS)


def test_insurance_the_buyer_paid_comes_back_last() -> None:
    insured = ESCROW.replace("  voucher:", """  insurance:
    holds: 3000 IDR
    paid_by: buyer
    earned_by: insurer
  voucher:""", 1).replace("total_paid - order", "total_paid - 3000 IDR - order")  # fmt: skip
    found = proposal(ruled("{remedy: refund, amount: 99000 IDR}", escrow=insured))
    assert "insurer>buyer 2000 insurance*" in told(found.legs)
    assert "buyer>insurer 1000 insurance*" in told(found.legs)


# What is due later


STAGES = """
stages:
  return_and_refund:
    handed_over:
      to: buyer
      opens_at: claim.filed_at
      lasts: 5 calendar days
      answers: {kept: tracking where leg is return}
      silence_means: missed
      leads_to: {kept: next, missed: release_to_seller}
    inspected:
      to: seller
      opens_at: at of first tracking where leg is return and event is delivered
      lasts: 2 calendar days
      answers: {fine: confirm_package, not_fine: dispute}
      silence_means: fine
      leads_to: {fine: refund, not_fine: escalate}
legs:
  label:
    applies_to: return_and_refund
    payer: seller
    payee: courier
    amount: 9000 IDR
    component: label
  thanks:
    applies_to: return_and_refund
    when: inspected.state is not open
    payer: platform
    payee: buyer
    amount: 1000 IDR
    component: compensation
    after: inspected
"""
RETURN = "{remedy: return_and_refund, amount: 80000 IDR}"
EARLY = "2026-03-03T10:00+07:00"
BACK = """tracking:
  - {at: 2026-03-04T10:00+07:00, event: dropped_off, leg: return}
  - {at: 2026-03-06T10:00+07:00, event: delivered, leg: return}"""


def test_a_return_pays_the_label_now_and_the_refund_after_its_last_step() -> None:
    found = proposal(ruled(RETURN, STAGES), at=EARLY)
    assert told(found.legs) == [
        "seller>buyer 80000 goods* @inspected",
        "seller>platform 8000 voucher* @inspected",
        "buyer>courier 20000 shipping* @inspected",
        "platform>courier 5000 subsidy* @inspected",
        "seller>courier 9000 label",
        "platform>buyer 1000 compensation @inspected",
    ]
    assert found.held == 113_000
    assert found.refund == 0


def test_what_was_due_after_a_step_is_paid_once_the_step_is_taken_and_nothing_twice() -> None:
    before = 'settled: [{at: 2026-03-03T10:00+07:00, decision: return_and_refund, legs: ["label"]}]'
    found = proposal(ruled(RETURN, STAGES), BACK, before)
    assert told(found.legs) == [
        "seller>buyer 80000 goods*",
        "seller>platform 8000 voucher*",
        "buyer>courier 20000 shipping*",
        "platform>courier 5000 subsidy*",
        "platform>buyer 1000 compensation",
    ]
    assert found.refund == 80_000


def test_goods_that_are_sent_again_cost_their_postage_and_the_money_waits() -> None:
    postage = """
        legs:
          postage:
            applies_to: replace_or_resend_missing
            payer: seller
            payee: courier
            amount: 12000 IDR
            component: shipping
            fault: seller
        """
    found = proposal(ruled("replace_or_resend_missing", postage))
    assert told(found.legs) == ["seller>courier 12000 shipping"]
    assert found.legs[0].fault == "seller"
    assert found.held == 113_000


@pytest.mark.parametrize(
    ("made", "legs"),
    [
        pytest.param("[]", ["platform>buyer 500 compensation"], id="not_yet"),
        pytest.param('["goodwill"]', [], id="made"),
    ],
)
def test_a_movement_is_made_once_whatever_the_remedy_is_by_now(made: str, legs: list[str]) -> None:
    goodwill = """
        legs:
          goodwill: {payer: platform, payee: buyer, amount: 500 IDR, component: compensation}
        """
    before = f"settled: [{{at: 2026-03-03T10:00+07:00, decision: refund_partial, legs: {made}}}]"
    found = proposal(ruled("release_to_seller", goodwill), before)
    assert [leg for leg in told(found.legs) if "compensation" in leg] == legs


# Above what was paid, and to others than the buyer


def test_a_named_payer_adds_what_is_above_what_was_paid() -> None:
    found = proposal(ruled("{remedy: refund, amount: 130000 IDR, payer: platform}"))
    assert (found.ruling.decision, found.ruling.amount) == ("refund_full", 130_000)
    assert told(found.legs)[0] == "platform>buyer 30000 compensation"
    assert found.paid_to("buyer") == 130_000
    assert found.refund == 100_000


@pytest.mark.parametrize("payer", ["", ", payer: buyer"])
def test_without_one_a_refund_is_what_was_paid_at_most(payer: str) -> None:
    found = proposal(ruled(f"{{remedy: refund, amount: 130000 IDR{payer}}}"))
    assert found.ruling.amount == 100_000


def test_a_second_settlement_adds_only_what_the_first_did_not() -> None:
    before = "settled: [{at: 2026-03-03T10:00+07:00, decision: refund_full, amount: 110000}]"
    ledger = "history: {refunded_amount: 100000, released_at: 2026-03-03T10:00+07:00}"
    found = proposal(ruled("{remedy: refund, amount: 130000 IDR, payer: platform}"), before, ledger)
    assert told(found.legs) == ["platform>buyer 20000 compensation"]
    assert found.refund == 0


def test_a_seller_is_compensated_beside_the_order() -> None:
    paid = "{remedy: refund, amount: 150000 IDR, payer: courier, payee: seller}"
    found = proposal(ruled(paid), claim(party="seller", type="courier_loss_compensation"))
    assert told(found.legs) == ["courier>seller 150000 compensation"]


def test_compensation_of_nobodys_pocket_goes_to_a_human() -> None:
    paid = "{remedy: refund, amount: 50000 IDR, payee: seller}"
    found = proposal(ruled(paid), claim(party="seller"))
    assert found.ruling.decision == "escalate"
    assert found.ruling.reasons[0].detail == "nobody is named who pays this"


def test_what_the_buyer_got_before_is_not_taken_off_what_the_seller_gets() -> None:
    paid = "{remedy: refund, amount: 50000 IDR, payer: courier, payee: seller}"
    before = "settled: [{at: 2026-03-03T10:00+07:00, decision: refund_full, amount: 100000}]"
    assert told(proposal(ruled(paid), before).legs) == ["courier>seller 50000 compensation"]


# One order, several settlements


PAID_BEFORE = "settled: [{at: 2026-03-03T10:00+07:00, decision: refund_partial, amount: 40000}]"
LEDGER = "history: {refunded_amount: 40000, released_at: 2026-03-03T10:00+07:00}"


def test_a_second_settlement_pays_the_difference_out_of_the_earners_pockets() -> None:
    found = proposal(ruled("refund_full"), PAID_BEFORE, LEDGER)
    assert told(found.legs) == [
        "seller>buyer 40000 goods",
        "seller>buyer 20000 shipping",
        "seller>platform 4000 voucher",
    ]
    assert (found.refund, found.held) == (60_000, 0)


def test_a_policy_without_escrow_pays_nobody_twice_either() -> None:
    found = proposal(ruled("refund_full", escrow=""), PAID_BEFORE, LEDGER)
    assert told(found.legs) == ["seller>buyer 60000 goods"]


def test_a_second_settlement_below_the_first_takes_nothing_back() -> None:
    lower = ruled("{remedy: refund, amount: 10000 IDR}")
    assert proposal(lower, PAID_BEFORE, LEDGER).legs == ()


@pytest.mark.parametrize("escrow", [ESCROW, ""], ids=["escrow", "no_escrow"])
def test_a_refund_the_order_does_not_hold_any_more_goes_to_a_human(escrow: str) -> None:
    found = proposal(ruled("refund_full", escrow=escrow), "history: {refunded_amount: 30000}")
    assert found.ruling.decision == "escalate"
    assert found.ruling.reasons[0].detail == "the order does not hold this amount"
    assert (found.how, found.legs) == ("", ())


def test_a_whole_that_leaves_out_what_was_refunded_is_what_is_left() -> None:
    policy = pack("""
        readings: {left: order.total_paid - history.refunded_amount}
        settlements: {whole: left, refund: {amount: left}}
        rules: {r: {when: claim is known, conclude: refund}}
        """)
    found = proposal(policy, "history: {refunded_amount: 30000}")
    assert told(found.legs) == ["seller>buyer 70000 goods*"]


def test_a_refund_on_a_sellers_appeal_is_paid_by_who_earned_the_order() -> None:
    found = proposal(ruled("{remedy: refund, amount: 20000 IDR}"), claim(party="seller"))
    assert told(found.legs) == ["seller>buyer 20000 goods", "seller>platform 2000 voucher"]
    assert found.held == 113_000


def test_a_decision_that_stands_on_appeal_is_not_paid_again() -> None:
    paid = "history: {refunded_amount: 100000, released_at: 2026-03-03T10:00+07:00}"
    found = proposal(ruled("refund_full"), claim(party="seller"), paid)
    assert (found.ruling.decision, found.legs) == ("refund_full", ())


# What cannot be worked out


FROM_MAY = "\nparameters: {fee: {2026-05-01: 5000 IDR}, time: {2026-05-01: 48 hours}}\n"
LEG = "legs: {x: {payer: platform, payee: buyer, amount: fee, component: compensation}}\n"
ASKED = "consent: {x: {of: [buyer], lasts: time, silence_means: accept}}\n"


@pytest.mark.parametrize("section", [LEG, ASKED], ids=["amount", "time_to_answer"])
def test_money_that_cannot_be_worked_out_goes_to_a_human(section: str) -> None:
    found = proposal(ruled("refund_full", FROM_MAY + section))
    assert found.ruling.decision == "escalate"
    assert found.ruling.reasons[0].kind == "flaw"
    assert found.legs == ()


def test_a_leg_whose_payer_no_rule_names_is_left_out() -> None:
    label = bearing("none", "label_payer") + """
        legs:
          label: {payer: label_payer, payee: courier, amount: 9000 IDR, component: label}
        """  # fmt: skip
    assert not [leg for leg in proposal(ruled("refund_full", label)).legs if leg.name]


# Consent


def test_of_several_consents_everybody_is_asked_for_the_longest_time() -> None:
    both = """
        consent:
          one: {of: [buyer], lasts: 24 hours, silence_means: accept}
          other: {of: [seller], lasts: 48 hours, silence_means: refuse}
          idle: {of: [seller], when: order.total_paid > 900000 IDR, lasts: 9 calendar days,
                 silence_means: accept}
        """
    consent = proposal(ruled("refund_full", both)).consent
    assert consent is not None
    assert consent.parties == ("buyer", "seller")
    assert consent.until.isoformat() == "2026-03-22T03:00:00+00:00"
    assert not consent.silence_accepts


# Endings


ANSWER = """
questions:
  answer:
    to: seller
    lasts: 48 hours
    answers: {approve: [approve, accept_solution], reject: reject}
    silence_means: approve
requests: {refund: refund, otherwise: refund}
"""


@pytest.mark.parametrize(
    ("rule", "act", "how"),
    [
        pytest.param("answer is approve", "approve", "agreed", id="he_said_yes"),
        pytest.param("answer is approve", "", "lapsed", id="he_said_nothing"),
        pytest.param("answer is reject", "reject", "imposed", id="he_said_no"),
        pytest.param("claim is known", "approve", "imposed", id="nobody_asked_him"),
    ],
)
def test_a_dispute_is_agreed_only_where_a_party_said_yes(rule: str, act: str, how: str) -> None:
    policy = ruled("deny", f"""
        {ANSWER.replace(chr(10), chr(10) + "        ")}
        bars:
          b: {{when: {rule}, conclude: as requested}}
        """)  # fmt: skip
    at = "2026-03-02T11:00+07:00"
    acts = f"responses: [{{at: {at}, party: seller, action: {act}}}]" if act else ""
    assert proposal(policy, acts).how == how
