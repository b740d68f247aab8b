"""From what a rule concludes to what it comes to: remedy, amount, quantity, and steps."""

from textwrap import indent

import pytest

from reso.model.ruling import Ruling
from tests.strategies.small_packs import SmallPack, pack, traced

AT = "2026-03-20T10:00+07:00"
ORDER = "order: {currency: IDR, placed_at: 2026-03-01T08:00+07:00, total_paid: 100000}\n"
REQUESTS = """
requests:
  refund: refund
  return_and_refund: return_and_refund
  exchange: replace_or_resend_missing
  otherwise: return_and_refund
"""
MONEY = """
readings:
  claimed: first_known(claim.requested_amount, order.total_paid)
  pieces: sum of qty_claimed over claim.items
settlements:
  whole: order.total_paid
  refund: {amount: claimed}
  return_and_refund: {amount: claimed, quantity: pieces}
  replace_or_resend_missing: {quantity: pieces}
"""
PICKS = """
picks:
  offer: latest responses where party is seller and action is counter_offer
  approval: first responses where party is seller and action is approve
  ruling: latest responses where party is human_admin and action is propose_solution
"""


def claim(more: str = "") -> str:
    inner = f", {more}" if more else ""
    return f"{ORDER}claim: {{type: damaged, filed_at: 2026-03-02T10:00+07:00{inner}}}\n"


def concluding(conclusion: str, sections: str = REQUESTS + MONEY + PICKS) -> SmallPack:
    """Return a pack whose one rule concludes this of every claim."""
    return pack(f"{sections}\nrules:\n  r: {{when: claim is known, conclude: {conclusion}}}\n")


def told(ruling: Ruling) -> tuple[str, int | None, int | None]:
    return ruling.decision, ruling.amount, ruling.quantity


def flaw(ruling: Ruling) -> str:
    """Return why a conclusion could not be worked out."""
    assert ruling.decision == "escalate"
    assert ruling.amount is None
    return next(found.detail for found in ruling.reasons if found.kind == "flaw")


# Remedies and amounts


@pytest.mark.parametrize(
    ("conclusion", "asked", "decision", "amount"),
    [
        pytest.param("refund", "", "refund_full", 100_000, id="a refund of all"),
        pytest.param("refund", "40000", "refund_partial", 40_000, id="a refund of a part"),
        pytest.param("refund", "100000", "refund_full", 100_000, id="a part that is all"),
        pytest.param("refund", "150000", "refund_full", 100_000, id="never above what was paid"),
        pytest.param("refund_full", "40000", "refund_full", 100_000, id="full means all"),
        pytest.param("refund_partial", "40000", "refund_partial", 40_000, id="partial"),
        pytest.param("refund_partial", "", "refund_full", 100_000, id="a partial refund of all"),
        pytest.param("return_and_refund", "40000", "return_and_refund", 40_000, id="a return"),
        pytest.param("return_and_refund", "150000", "return_and_refund", 100_000,
                     id="a return is capped, too"),
        pytest.param("release_to_seller", "40000", "release_to_seller", None, id="no money"),
        pytest.param("deny", "40000", "release_to_seller", None, id="deny a buyer"),
        pytest.param("replace_or_resend_missing", "40000", "replace_or_resend_missing", None,
                     id="goods, not money"),
        pytest.param("{remedy: refund, amount: 30% * order.total_paid}", "", "refund_partial",
                     30_000, id="its own amount"),
        pytest.param("{remedy: refund, amount: 3 * order.total_paid}", "", "refund_full",
                     100_000, id="its own amount is capped"),
        pytest.param("{remedy: refund_full, amount: 30000 IDR}", "", "refund_partial", 30_000,
                     id="full with an amount below all"),
        pytest.param("{remedy: refund, amount: 5 IDR - 9 IDR}", "", "refund_partial", 0,
                     id="never below zero"),
    ],
)  # fmt: skip
def test_a_remedy_comes_to_an_amount(
    conclusion: str, asked: str, decision: str, amount: int | None
) -> None:
    case = claim(f"requested_amount: {asked}" if asked else "")
    ruling = concluding(conclusion).rule(case, AT)
    assert (ruling.decision, ruling.amount) == (decision, amount)
    assert [found.name for found in ruling.reasons] == ["r"]


def test_a_share_is_rounded_as_the_policy_says() -> None:
    header = "policy: small\ncurrency: IDR\ntime_zone: Asia/Jakarta\nrounding: {}\n"
    rule = "rules: {r: {when: claim is known, conclude: {remedy: refund, amount: 10% * claimed}}}"
    case = claim("requested_amount: 12345")
    found = {
        rounding: pack(f"{header.format(rounding)}{MONEY}\n{rule}\notherwise: deny").rule(case, AT)
        for rounding in ("down", "up", "half_up", "half_even")
    }
    amounts = {rounding: ruling.amount for rounding, ruling in found.items()}
    assert amounts == {"down": 1234, "up": 1235, "half_up": 1235, "half_even": 1234}


def test_money_to_somebody_else_than_the_buyer_is_not_capped_by_what_he_paid() -> None:
    compensation = "{remedy: refund, amount: 150000 IDR, payer: courier, payee: seller}"
    ruling = concluding(compensation).rule(claim(), AT)
    assert told(ruling) == ("refund_partial", 150_000, None)
    assert (ruling.payer, ruling.payee) == ("courier", "seller")


def test_money_goes_to_the_buyer_where_nothing_else_is_said() -> None:
    assert concluding("refund").rule(claim(), AT).payee == "buyer"
    assert concluding("deny").rule(claim(), AT).payee == ""


@pytest.mark.parametrize(
    ("party", "decision"),
    [("buyer", "release_to_seller"), ("seller", "deny")],
)
@pytest.mark.parametrize("conclusion", ["deny", "release_to_seller"])
def test_a_refused_claim_is_denied_to_a_seller_and_released_against_a_buyer(
    party: str, decision: str, conclusion: str
) -> None:
    ruling = concluding(conclusion).rule(claim(f"party: {party}"), AT)
    assert (ruling.decision, ruling.party) == (decision, party)


def test_deny_and_release_are_one_conclusion() -> None:
    policy = pack("""
        rules:
          r: {when: claim is known, conclude: deny}
          s: {when: order.total_paid > 5 IDR, conclude: release_to_seller}
        """)
    ruling = policy.rule(claim(), AT)
    assert ruling.decision == "release_to_seller"
    assert [found.name for found in ruling.reasons] == ["r", "s"]


@pytest.mark.parametrize(
    ("items", "quantity"),
    [
        pytest.param("[{sku: a, qty_claimed: 2}, {sku: b, qty_claimed: 1}]", 3, id="pieces"),
        pytest.param("[{sku: a, qty_claimed: 2}, {sku: b}]", 2, id="pieces nobody counted"),
    ],
)
@pytest.mark.parametrize("conclusion", ["return_and_refund", "replace_or_resend_missing"])
def test_part_of_an_order_goes_back_or_is_sent_again(
    items: str, quantity: int, conclusion: str
) -> None:
    assert concluding(conclusion).rule(claim(f"items: {items}"), AT).quantity == quantity


def test_a_conclusion_may_say_how_many() -> None:
    conclusion = "{remedy: replace_or_resend_missing, quantity: 1 + 1}"
    assert concluding(conclusion).rule(claim(), AT).quantity == 2


# What is missing


@pytest.mark.parametrize(
    ("conclusion", "why"),
    [
        pytest.param("refund", "the amount is not in the case", id="a refund of what"),
        pytest.param("refund_full", "the amount is not in the case", id="all of what"),
        pytest.param(
            "{remedy: refund, amount: order.shipping_actual}",
            "the amount is not in the case",
            id="an amount nobody knows",
        ),
        pytest.param(
            "the standing decision", "there is no standing decision in the case", id="standing"
        ),
        pytest.param("as offered", "the offer does not name a remedy", id="no offer"),
        pytest.param("as approved", "the approval does not name a remedy", id="no approval"),
        pytest.param("as ruled", "the ruling does not name a remedy", id="no ruling"),
    ],
)
def test_what_cannot_be_worked_out_escalates_and_says_why(conclusion: str, why: str) -> None:
    case = claim().replace(", total_paid: 100000", "")
    assert flaw(concluding(conclusion).rule(case, AT)) == why


def test_a_request_the_policy_has_no_meaning_for_escalates() -> None:
    sections = REQUESTS.replace("  otherwise: return_and_refund\n", "") + MONEY + PICKS
    ruling = concluding("as requested", sections).rule(claim("requested: reshipment"), AT)
    assert flaw(ruling) == "the policy does not say what the request `reshipment` means"


def test_a_claim_that_requests_nothing_escalates_where_the_policy_gives_it_no_meaning() -> None:
    sections = REQUESTS.replace("  otherwise: return_and_refund\n", "") + MONEY + PICKS
    ruling = concluding("as requested", sections).rule(claim(), AT)
    assert flaw(ruling) == "the case does not say what is requested"


def test_a_full_refund_of_an_order_of_unknown_price_is_not_called_partial() -> None:
    case = claim("requested_amount: 40000").replace(", total_paid: 100000", "")
    ruling = concluding("refund_full").rule(case, AT)
    assert flaw(ruling) == "the amount is not in the case"


# References


@pytest.mark.parametrize(
    ("requested", "decision", "amount"),
    [
        pytest.param("refund", "refund_partial", 40_000, id="money"),
        pytest.param("return_and_refund", "return_and_refund", 40_000, id="a return"),
        pytest.param("exchange", "replace_or_resend_missing", None, id="other goods"),
        pytest.param("reshipment", "return_and_refund", 40_000, id="what `otherwise` means"),
    ],
)
def test_as_requested_is_what_the_request_means(
    requested: str, decision: str, amount: int | None
) -> None:
    case = claim(f"requested: {requested}, requested_amount: 40000")
    ruling = concluding("as requested").rule(case, AT)
    assert (ruling.decision, ruling.amount) == (decision, amount)


def response(party: str, action: str, more: str) -> str:
    return (
        "responses: [{at: 2026-03-03T10:00+07:00, "
        f"party: {party}, action: {action}{', ' if more else ''}{more}}}]\n"
    )


@pytest.mark.parametrize(
    ("conclusion", "party", "action"),
    [
        pytest.param("as offered", "seller", "counter_offer", id="as offered"),
        pytest.param("as approved", "seller", "approve", id="as approved"),
        pytest.param("as ruled", "human_admin", "propose_solution", id="as ruled"),
    ],
)
@pytest.mark.parametrize(
    ("more", "decision", "amount"),
    [
        pytest.param("amount: 30000", "refund_partial", 30_000, id="money alone is a refund"),
        pytest.param("amount: 100000", "refund_full", 100_000, id="all the money"),
        pytest.param("amount: 200000", "refund_full", 100_000, id="never above what was paid"),
        pytest.param("remedy: refund_full", "refund_full", 100_000, id="a remedy"),
        pytest.param("remedy: refund_partial, amount: 5", "refund_partial", 5, id="with money"),
        pytest.param("remedy: return_and_refund", "return_and_refund", 40_000,
                     id="a remedy, and the money of its settlement"),
        pytest.param("solution: exchange", "replace_or_resend_missing", None, id="a solution"),
        pytest.param("remedy: refund_full, solution: exchange", "refund_full", 100_000,
                     id="the remedy stands above the solution"),
    ],
)  # fmt: skip
def test_a_record_says_what_was_offered_approved_or_ruled(
    conclusion: str, party: str, action: str, more: str, decision: str, amount: int | None
) -> None:
    case = claim("requested_amount: 40000") + response(party, action, more)
    ruling = concluding(conclusion).rule(case, AT)
    assert (ruling.decision, ruling.amount) == (decision, amount)


@pytest.mark.parametrize(
    ("standing", "decision", "amount"),
    [
        pytest.param("refund_full", "refund_full", 100_000, id="a refund"),
        pytest.param("deny", "release_to_seller", None, id="a refusal"),
        pytest.param("return_and_refund", "return_and_refund", 40_000, id="a return"),
    ],
)
def test_the_standing_decision_stands(standing: str, decision: str, amount: int | None) -> None:
    case = claim("requested_amount: 40000") + f"standing_decision: {standing}\n"
    ruling = concluding("the standing decision").rule(case, AT)
    assert (ruling.decision, ruling.amount) == (decision, amount)


def test_otherwise_may_refer_too() -> None:
    policy = pack(f"{REQUESTS}{MONEY}otherwise: as requested")
    ruling = policy.rule(claim("requested: refund"), AT)
    assert told(ruling) == ("refund_full", 100_000, None)
    assert [found.kind for found in ruling.reasons] == ["otherwise"]


def test_a_chapter_has_its_own_otherwise() -> None:
    policy = pack(
        """
        chapters:
          none: {when: claim is none}
          request: {when: claim is known}
        """,
        """
        for: request
        otherwise: deny
        """,
    )
    assert policy.rule(claim(), AT).decision == "release_to_seller"
    assert policy.rule(ORDER, AT).decision == "escalate"


# Remedies in steps


STEPS = (
    REQUESTS
    + MONEY
    + """
questions:
  review:
    to: human
    opens_at: inspected.ended_at
    lasts: 24 hours
    answers: {fine: approve, broken: reject}
    silence_means: fine
stages:
  return_and_refund:
    handed_over:
      to: buyer
      opens_at: claim.filed_at
      lasts: 5 calendar days
      answers:
        kept: tracking where leg is return and event is dropped_off
      silence_means: missed
      leads_to:
        kept:
          - {when: order.easy_return_label, then: refund}
          - {otherwise: next}
        missed: release_to_seller
    inspected:
      to: seller
      opens_at: at of first tracking where leg is return and event is delivered
      lasts: 2 calendar days
      answers: {fine: confirm_package, not_fine: dispute}
      silence_means: fine
      leads_to: {fine: refund, not_fine: escalate to review}
rules:
  r: {when: claim is known, conclude: return_and_refund}
"""
)
RETURNS = pack(STEPS)
DROPPED = "  - {at: 2026-03-04T10:00+07:00, event: dropped_off, leg: return}\n"
ARRIVED = "  - {at: 2026-03-06T10:00+07:00, event: delivered, leg: return}\n"
ASKED = "requested_amount: 40000, items: [{sku: a, qty_claimed: 2}]"


def returned(tracking: str = "", more: str = "") -> str:
    return claim(ASKED) + (f"tracking:\n{tracking}" if tracking else "") + more


@pytest.mark.parametrize(
    ("case", "at", "decision", "amount", "deadline_of", "steps"),
    [
        pytest.param(
            returned(), "2026-03-03T10:00+07:00", "return_and_refund", 40_000, "handed_over", [],
            id="concluded at once, while the first clock runs"),
        pytest.param(
            returned(), "2026-03-07T10:00+07:00", "release_to_seller", None, "",
            [("handed_over", "missed", "release_to_seller")],
            id="missed: the claim is closed"),
        pytest.param(
            returned(DROPPED), "2026-03-05T10:00+07:00", "return_and_refund", 40_000, "",
            [("handed_over", "kept", "")],
            id="kept: it goes on"),
        pytest.param(
            returned(DROPPED + ARRIVED), "2026-03-06T12:00+07:00", "return_and_refund", 40_000,
            "inspected", [("handed_over", "kept", "")],
            id="the second clock runs"),
        pytest.param(
            returned(DROPPED + ARRIVED), "2026-03-08T10:00+07:00", "refund_partial", 40_000, "",
            [("handed_over", "kept", ""), ("inspected", "fine", "refund_partial")],
            id="silence is fine: the money of the return is paid"),
        pytest.param(
            returned(DROPPED).replace("total_paid", "easy_return_label: true, total_paid"),
            "2026-03-05T10:00+07:00", "refund_partial", 40_000, "",
            [("handed_over", "kept", "refund_partial")],
            id="a condition leads elsewhere"),
        pytest.param(
            returned(DROPPED + ARRIVED, "responses: [{at: 2026-03-07T10:00+07:00, party: seller, "
                                        "action: dispute}]\n"),
            "2026-03-07T12:00+07:00", "escalate", None, "review",
            [("handed_over", "kept", ""), ("inspected", "not_fine", "escalate")],
            id="not fine: a human decides, by his clock"),
    ],
)  # fmt: skip
def test_a_remedy_in_steps_goes_where_its_answers_lead(
    case: str,
    at: str,
    decision: str,
    amount: int | None,
    deadline_of: str,
    steps: list[tuple[str, str, str]],
) -> None:
    ruling = RETURNS.rule(case, at)
    assert (ruling.decision, ruling.amount) == (decision, amount)
    assert ruling.deadline_of == deadline_of
    assert ruling.reasons[0].name == "r"
    found = [(s.name, s.detail, s.concluded) for s in ruling.reasons if s.kind == "step"]
    assert found == steps


def test_the_clock_of_a_step_is_the_clock_of_the_ruling() -> None:
    ruling = RETURNS.rule(returned(), "2026-03-03T10:00+07:00")
    trace = traced(ruling, "handed_over")
    assert ruling.deadline == trace.deadline
    assert (trace.state, trace.needed) == ("open", False)


def test_the_pieces_of_a_return_are_the_pieces_of_its_refund() -> None:
    ruling = RETURNS.rule(returned(DROPPED + ARRIVED), "2026-03-08T10:00+07:00")
    assert ruling.quantity == 2


def test_a_refund_with_its_own_amount_at_the_end_of_a_step_keeps_it() -> None:
    policy = pack(STEPS.replace("fine: refund,", "fine: {remedy: refund, amount: 700 IDR},"))
    ruling = policy.rule(returned(DROPPED + ARRIVED), "2026-03-08T10:00+07:00")
    assert told(ruling)[:2] == ("refund_partial", 700)


def test_steps_belong_to_their_chapter() -> None:
    policy = pack(
        """
        chapters:
          none: {when: claim is none}
          request: {when: claim is known}
        """,
        "for: none\n" + STEPS.replace("  r: {when", "  r: {for: request, when"),
    )
    ruling = policy.rule(returned(), "2026-03-09T10:00+07:00")
    assert (ruling.decision, ruling.deadline_of) == ("return_and_refund", "")


def test_a_refund_in_a_step_needs_no_amount_of_its_own() -> None:
    body = indent(
        """
inspected:
  to: seller
  opens_at: claim.filed_at
  lasts: 2 hours
  answers: {fine: approve, not_fine: reject}
  silence_means: fine
  leads_to: {fine: refund, not_fine: deny}
""",
        "    ",
    )
    rule = "conclude: {remedy: return_and_refund, amount: 25000 IDR}"
    policy = pack(
        f"settlements: {{whole: order.total_paid}}\nstages:\n  return_and_refund:{body}\n"
        f"rules:\n  r: {{when: claim is known, {rule}}}\n"
    )
    assert told(policy.rule(claim(), AT)) == ("refund_partial", 25_000, None)


# The better for the buyer


@pytest.mark.parametrize(
    ("listed", "told_as"),
    [
        pytest.param(
            "as requested, {remedy: refund, amount: 30000 IDR}",
            ("return_and_refund", 40_000, None),
            id="more money",
        ),
        pytest.param(
            "as requested, {remedy: refund, amount: 40000 IDR}",
            ("refund_partial", 40_000, None),
            id="as much money and the goods",
        ),
        pytest.param(
            "{remedy: refund, amount: 40000 IDR}, as requested",
            ("refund_partial", 40_000, None),
            id="in any order",
        ),
        pytest.param(
            "deny, replace_or_resend_missing",
            ("replace_or_resend_missing", None, None),
            id="goods before nothing",
        ),
        pytest.param(
            "release_to_seller, {remedy: refund, amount: 0 IDR}, replace_or_resend_missing",
            ("refund_partial", 0, None),
            id="goods kept before goods sent again",
        ),
        pytest.param(
            "{remedy: refund, amount: 90000 IDR, payer: courier, payee: seller}, as requested",
            ("return_and_refund", 40_000, None),
            id="what others get is nothing to him",
        ),
    ],
)
def test_of_several_remedies_the_best_for_the_buyer_is_concluded(
    listed: str, told_as: tuple[str, int | None, int | None]
) -> None:
    policy = concluding(f"{{better_for_buyer: [{listed}]}}")
    ruling = policy.rule(claim("requested: return_and_refund, requested_amount: 40000"), AT)
    decision, amount, _ = told_as
    assert (ruling.decision, ruling.amount) == (decision, amount)


def test_goods_worth_less_than_their_return_are_kept() -> None:
    keeps = "{better_for_buyer: [as requested, {remedy: refund, amount: claimed}]}"
    sections = REQUESTS + MONEY + PICKS
    policy = pack(f"""{sections}
rules:
  r: {{when: claim is known, conclude: as requested}}
  cheap: {{when: claimed <= costs.return_label, conclude: {keeps}, exception_to: r}}
""")
    asked = claim("requested: return_and_refund, requested_amount: 9000")
    for label, decision in ((8_000, "return_and_refund"), (9_000, "refund_partial")):
        ruling = policy.rule(f"{asked}costs: {{return_label: {label}}}\n", AT)
        assert (ruling.decision, ruling.amount) == (decision, 9_000)


def test_what_might_have_been_better_escalates() -> None:
    policy = concluding(
        "{better_for_buyer: [deny, {remedy: refund, amount: order.shipping_actual}]}"
    )
    assert flaw(policy.rule(claim(), AT)) == "the amount is not in the case"


def test_a_better_remedy_is_found_while_a_question_is_open() -> None:
    policy = pack(f"""{REQUESTS + MONEY + PICKS}
questions:
  answer: {{to: seller, lasts: 48 hours, answers: {{yes: approve, no: reject}}, silence_means: yes}}
rules:
  r: {{when: answer is yes, conclude: {{better_for_buyer: [as requested, deny]}}}}
  s: {{when: answer is no, conclude: {{better_for_buyer: [deny, as requested]}}}}
""")
    ruling = policy.rule(claim("requested: refund"), "2026-03-02T11:00+07:00")
    assert ruling.decision == "refund_full", "both answers come to the same"
