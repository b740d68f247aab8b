"""From what is open to what happens next: ask, wait until when, or hand it to a human."""

from datetime import UTC, datetime

import pytest

from reso.policy.problems import PolicyError
from tests.strategies.small_packs import SmallPack, pack, reason, traced

ORDER = "order: {currency: IDR, placed_at: 2026-03-01T08:00+07:00, total_paid: 100000}\n"
CLAIM = ORDER + "claim: {type: damaged, filed_at: 2026-03-02T10:00+07:00}\n"


def march(text: str) -> datetime:
    """Return an instant of March 2026 in Jakarta: "02 10:00"."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-03-{day}T{clock}+07:00").astimezone(UTC)


MONEY = "settlements: {whole: order.total_paid, refund: {amount: order.total_paid}}\n"
SELLER = """
  seller_answer:
    to: seller
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
"""
BUYER = """
  buyer_proof:
    to: buyer
    put_by: us
    lasts: 24 hours
    answers: {given: evidence where party is buyer, refused: reject}
    silence_means: refused
"""
HUMAN = """
  review:
    to: human
    opens_at: claim.filed_at
    lasts: 72 hours
    answers: {fine: approve, broken: reject}
    silence_means: broken
"""


def deciding(questions: str, rules: str) -> SmallPack:
    return pack(f"{MONEY}questions:{questions}\nrules:\n{rules}")


# Wait


WAITS = deciding(
    SELLER,
    "  yes: {when: seller_answer is agrees, conclude: refund}\n"
    "  no: {when: seller_answer is refuses, conclude: deny}\n",
)


def test_what_a_party_has_been_asked_is_waited_for_until_its_clock_ends() -> None:
    ruling = WAITS.rule(CLAIM, march("03 10:00"))
    assert (ruling.decision, ruling.needed) == ("wait", ("seller_answer",))
    assert ruling.deadline == march("04 10:00")
    assert not ruling.settled
    found = reason(ruling, "seller_answer")
    assert (found.kind, found.concluded) == ("question", "seller")
    assert traced(ruling, "seller_answer").needed


def test_the_possible_conclusions_of_a_wait_are_told() -> None:
    possible = WAITS.rule(CLAIM, march("03 10:00")).possible
    assert set(possible) == {"refund_full", "release_to_seller", "escalate"}


def test_a_wait_ends_with_its_clock() -> None:
    ruling = WAITS.rule(CLAIM, march("04 10:00"))
    assert (ruling.decision, ruling.amount, ruling.deadline) == ("refund_full", 100_000, None)
    assert (ruling.needed, ruling.reasons[0].name) == ((), "yes")


def test_a_wait_without_a_clock_has_no_end() -> None:
    endless = deciding(
        """
  comes:
    to: clock
    opens_at: claim.filed_at
    answers:
      came: tracking where event is delivered
      lost: tracking where event is declared_lost
""",
        "  came: {when: comes is came, conclude: deny}\n"
        "  lost: {when: comes is lost, conclude: refund}\n",
    )
    ruling = endless.rule(CLAIM, march("20 10:00"))
    assert (ruling.decision, ruling.deadline) == ("wait", None)


def test_a_question_that_changes_nothing_is_not_waited_for() -> None:
    either = deciding(
        SELLER,
        "  yes: {when: seller_answer is agrees, conclude: refund}\n"
        "  no: {when: seller_answer is refuses, conclude: refund}\n",
    )
    ruling = either.rule(CLAIM, march("03 10:00"))
    assert (ruling.decision, ruling.needed) == ("refund_full", ())
    assert [found.name for found in ruling.reasons] == ["yes", "no"]
    assert traced(ruling, "seller_answer").state == "open"


TWO = deciding(
    SELLER
    + """
  parcel:
    to: clock
    opens_at: claim.filed_at
    lasts: 24 hours
    answers:
      came: tracking where event is delivered
      lost: tracking where event is declared_lost
    silence_means: lost
""",
    "  both: {when: [seller_answer is agrees, parcel is lost], conclude: refund}\n"
    "  came: {when: parcel is came, conclude: deny}\n"
    "  no: {when: seller_answer is refuses, conclude: deny}\n",
)


def test_a_wait_for_two_clocks_ends_when_the_ruling_first_changes() -> None:
    ruling = TWO.rule(CLAIM, march("02 12:00"))
    assert (ruling.decision, ruling.needed) == ("wait", ("parcel", "seller_answer"))
    assert ruling.deadline == march("03 10:00")
    later = TWO.rule(CLAIM, march("03 10:00"))
    assert (later.decision, later.needed) == ("wait", ("seller_answer",))
    assert later.deadline == march("04 10:00")


def test_a_clock_that_does_not_change_the_ruling_does_not_end_the_wait() -> None:
    first_is_idle = deciding(
        SELLER
        + """
  idle:
    to: clock
    opens_at: claim.filed_at
    lasts: 24 hours
    answers:
      came: tracking where event is delivered
      lost: tracking where event is declared_lost
    silence_means: lost
""",
        "  yes: {when: seller_answer is agrees, conclude: refund}\n"
        "  no: {when: seller_answer is refuses, conclude: deny}\n"
        "  idle_too: {when: [idle is lost, claim.type is broken], conclude: deny}\n",
    )
    ruling = first_is_idle.rule(CLAIM, march("02 12:00"))
    assert (ruling.needed, ruling.deadline) == (("seller_answer",), march("04 10:00"))


def test_a_wait_may_end_when_another_question_opens() -> None:
    opens_later = deciding(
        SELLER
        + """
  appeal:
    to: buyer
    opens_at: claim.filed_at + 24 hours
    lasts: 240 hours
    answers: {appeals: appeal, accepts: approve}
    silence_means: accepts
""",
        "  yes: {when: [seller_answer is agrees, appeal is none], conclude: refund}\n"
        "  more: {when: [seller_answer is agrees, appeal is accepts], conclude: refund}\n"
        "  no: {when: seller_answer is refuses, conclude: deny}\n",
    )
    ruling = opens_later.rule(CLAIM, march("02 12:00"))
    assert (ruling.decision, ruling.needed) == ("wait", ("seller_answer",))
    assert ruling.deadline == march("03 10:00")
    then = opens_later.rule(CLAIM, march("03 10:00"))
    assert (then.decision, then.needed) == ("wait", ("appeal", "seller_answer"))


# Ask


ASKS = deciding(
    BUYER,
    "  yes: {when: buyer_proof is given, conclude: refund}\n"
    "  no: {when: buyer_proof is refused, conclude: deny}\n",
)


def test_a_party_not_yet_asked_is_asked_with_the_clock_he_would_have() -> None:
    ruling = ASKS.rule(CLAIM, march("03 10:00"))
    assert (ruling.decision, ruling.of, ruling.needed) == (
        "request_evidence",
        "buyer",
        ("buyer_proof",),
    )
    assert (ruling.deadline, ruling.deadline_of) == (march("04 10:00"), "buyer_proof")
    assert reason(ruling, "buyer_proof").kind == "question"


def test_once_asked_he_is_waited_for() -> None:
    case = CLAIM + "asked: [{at: 2026-03-03T10:00+07:00, question: buyer_proof}]\n"
    ruling = ASKS.rule(case, march("03 12:00"))
    assert (ruling.decision, ruling.of) == ("wait", "")
    assert ruling.deadline == march("04 10:00")
    assert ASKS.rule(case, march("04 10:00")).decision == "release_to_seller"


def test_nobody_is_asked_what_cannot_change_the_outcome() -> None:
    moot = deciding(
        BUYER,
        "  yes: {when: buyer_proof is given, conclude: refund}\n"
        "  no: {when: claim is known, conclude: refund}\n",
    )
    ruling = moot.rule(CLAIM, march("03 10:00"))
    assert (ruling.decision, ruling.needed) == ("refund_full", ())


ASKS_OR_WAITS = deciding(
    SELLER + BUYER,
    "  yes: {when: [seller_answer is agrees, buyer_proof is given], conclude: refund}\n"
    "  no: {when: seller_answer is refuses, conclude: deny}\n"
    "  unproved: {when: buyer_proof is refused, conclude: deny}\n",
)


def test_asking_comes_before_waiting() -> None:
    ruling = ASKS_OR_WAITS.rule(CLAIM, march("03 10:00"))
    assert ruling.needed == ("buyer_proof", "seller_answer")
    assert (ruling.decision, ruling.of) == ("request_evidence", "buyer")


def test_the_smallest_set_of_questions_is_needed() -> None:
    either = deciding(
        SELLER + BUYER,
        "  agreed: {when: seller_answer is agrees, conclude: refund}\n"
        "  proved: {when: [seller_answer is refuses, claim.type is broken, buyer_proof is given],"
        " conclude: refund}\n"
        "  no: {when: [seller_answer is refuses, claim.type is not broken], conclude: deny}\n",
    )
    assert either.rule(CLAIM, march("03 10:00")).needed == ("seller_answer",)


def test_of_two_sets_the_one_with_fewer_new_asks_is_needed() -> None:
    tie = deciding(
        SELLER + BUYER,
        "  agreed: {when: [seller_answer is agrees, buyer_proof is given], conclude: refund}\n"
        "  other: {when: [seller_answer is agrees, buyer_proof is refused], conclude: refund}\n"
        "  no: {when: seller_answer is refuses, conclude: deny}\n",
    )
    ruling = tie.rule(CLAIM, march("03 10:00"))
    assert (ruling.decision, ruling.needed) == ("wait", ("seller_answer",))


# Escalate


REVIEWED = "  fine: {when: review is fine, conclude: deny}\n" + (
    "  broken: {when: review is broken, conclude: refund}\n"
)


def test_what_only_a_human_knows_goes_to_him_with_his_clock() -> None:
    ruling = deciding(HUMAN, REVIEWED).rule(CLAIM, march("03 10:00"))
    assert (ruling.decision, ruling.needed) == ("escalate", ("review",))
    assert (ruling.deadline, ruling.deadline_of) == (march("05 10:00"), "review")


def test_a_human_who_is_put_a_question_by_us_has_the_clock_he_would_have() -> None:
    put = HUMAN.replace("    opens_at: claim.filed_at\n", "    put_by: us\n")
    ruling = deciding(put, REVIEWED).rule(CLAIM, march("03 10:00"))
    assert (ruling.decision, ruling.deadline) == ("escalate", march("06 10:00"))


def test_a_party_is_waited_for_before_a_human_is_troubled() -> None:
    both = deciding(
        SELLER + HUMAN,
        "  fine: {when: [seller_answer is agrees, review is fine], conclude: deny}\n"
        "  broken: {when: [seller_answer is agrees, review is broken], conclude: refund}\n"
        "  no: {when: seller_answer is refuses, conclude: deny}\n",
    )
    ruling = both.rule(CLAIM, march("03 10:00"))
    assert ruling.needed == ("review", "seller_answer")
    assert (ruling.decision, ruling.deadline) == ("wait", march("04 10:00"))


def test_a_rule_may_hand_it_to_a_human_outright() -> None:
    outright = deciding(
        HUMAN, "  always: {when: claim is known, conclude: escalate to review}\n"
    ).rule(CLAIM, march("03 10:00"))
    assert (outright.decision, outright.deadline_of) == ("escalate", "review")
    assert outright.deadline == march("05 10:00")
    assert reason(outright, "always").kind == "rule"


def test_where_no_rule_decides_otherwise_does_and_says_so() -> None:
    ruling = WAITS.rule(ORDER, march("03 10:00"))
    assert ruling.decision == "escalate"
    assert [(found.kind, found.name) for found in ruling.reasons] == [("otherwise", "otherwise")]


def test_rules_that_disagree_escalate_with_both_cited() -> None:
    conflict = pack(
        MONEY
        + """
sources:
  A1: {address: "https://example.org/1"}
rules:
  yes: {when: claim is known, conclude: refund, source: A1}
  no: {when: order.total_paid > 5 IDR, conclude: deny}
  silent: {when: claim is none, conclude: deny}
"""
    ).rule(CLAIM, march("03 10:00"))
    assert (conflict.decision, conflict.amount) == ("escalate", None)
    assert [(found.kind, found.name) for found in conflict.reasons] == [
        ("conflict", "conflict"),
        ("rule", "yes"),
        ("rule", "no"),
    ]
    assert conflict.reasons[0].detail == "yes, no"
    assert conflict.reasons[1].sources == ("A1",)
    assert set(conflict.possible) == {"refund_full", "release_to_seller"}


@pytest.mark.parametrize(
    ("one", "other", "decision"),
    [
        pytest.param("refund", "refund_full", "refund_full", id="one remedy in two words"),
        pytest.param("deny", "release_to_seller", "release_to_seller", id="two words for no"),
        pytest.param("{remedy: refund, amount: 5 IDR}", "{remedy: refund, amount: 2 IDR + 3 IDR}",
                     "refund_partial", id="one amount in two ways"),
        pytest.param("{remedy: refund, amount: 5 IDR}", "{remedy: refund, amount: 6 IDR}",
                     "escalate", id="two amounts"),
        pytest.param("{remedy: refund, amount: 5 IDR}", "refund", "escalate", id="all or part"),
        pytest.param("{remedy: replace_or_resend_missing, quantity: 1}",
                     "{remedy: replace_or_resend_missing, quantity: 2}", "escalate",
                     id="two quantities"),
    ],
)  # fmt: skip
def test_rules_agree_when_they_come_to_the_same(one: str, other: str, decision: str) -> None:
    policy = pack(
        f"{MONEY}rules:\n"
        f"  one: {{when: claim is known, conclude: {one}}}\n"
        f"  other: {{when: order.total_paid > 5 IDR, conclude: {other}}}\n"
    )
    assert policy.rule(CLAIM, march("03 10:00")).decision == decision


PROMISED = """
promises:
  never_above_goods: ruling.amount <= order.items_subtotal
"""


@pytest.mark.parametrize(
    ("goods", "decision"),
    [
        pytest.param("items_subtotal: 99999", "escalate", id="broken"),
        pytest.param("items_subtotal: 100000", "refund_full", id="kept"),
        pytest.param("weight_grams: 1", "refund_full", id="not known: not broken"),
    ],
)
def test_a_broken_promise_escalates_and_is_named(goods: str, decision: str) -> None:
    policy = pack(MONEY + PROMISED + "rules: {r: {when: claim is known, conclude: refund}}")
    case = CLAIM.replace("total_paid: 100000", f"total_paid: 100000, {goods}")
    ruling = policy.rule(case, march("03 10:00"))
    assert ruling.decision == decision
    assert ruling.amount == (None if decision == "escalate" else 100_000)
    kinds = [(found.kind, found.name) for found in ruling.reasons]
    broken = [("flaw", "never_above_goods")] if decision == "escalate" else []
    assert kinds == [*broken, ("rule", "r")]


def test_a_promise_is_not_asked_of_a_ruling_that_pays_nothing() -> None:
    policy = pack(MONEY + PROMISED + "rules: {r: {when: claim is known, conclude: deny}}")
    case = CLAIM.replace("total_paid: 100000", "total_paid: 100000, items_subtotal: 5")
    assert policy.rule(case, march("03 10:00")).decision == "release_to_seller"


# Bars and exceptions


RULED = pack(
    MONEY
    + """
bars:
  late: {when: claim.filed_at after order.placed_at + 10 calendar days, conclude: deny}
rules:
  general: {when: claim is known, conclude: refund}
  special: {when: claim.type is broken, conclude: deny, exception_to: general}
  on_special:
    when: order.total_paid > 5 IDR
    conclude: {remedy: refund, amount: 7 IDR}
    exception_to: special
"""
)


def statuses(policy: SmallPack, case: str) -> dict[str, str]:
    return {rule.name: rule.status for rule in policy.rule(case, march("30 10:00")).rules}


def test_a_bar_stands_alone_and_silences_the_rest() -> None:
    case = CLAIM.replace("03-02T10:00", "03-12T10:00")
    assert RULED.rule(case, march("30 10:00")).decision == "release_to_seller"
    assert statuses(RULED, case) == {"late": "decided", "general": "barred"}


def test_an_exception_overrides_what_it_excepts_and_nothing_is_reinstated() -> None:
    case = CLAIM.replace("damaged", "broken")
    assert statuses(RULED, case) == {
        "general": "excepted",
        "special": "excepted",
        "on_special": "decided",
    }
    assert RULED.rule(case, march("30 10:00")).amount == 7


def test_an_exception_holds_only_where_a_rule_it_excepts_holds() -> None:
    assert statuses(RULED, CLAIM) == {"general": "decided"}


def test_an_exception_that_waits_holds_its_rule_open() -> None:
    policy = deciding(
        SELLER,
        "  general: {when: claim is known, conclude: refund}\n"
        "  special: {when: seller_answer is refuses, conclude: deny, exception_to: general}\n",
    )
    ruling = policy.rule(CLAIM, march("03 10:00"))
    assert ruling.decision == "wait"
    assert {rule.name: rule.status for rule in ruling.rules} == {
        "general": "undecided",
        "special": "undecided",
    }


def test_a_group_is_excepted_as_a_whole() -> None:
    policy = pack(
        MONEY
        + """
rules:
  one: {when: claim is known, conclude: refund, group: all}
  two: {when: order.total_paid > 5 IDR, conclude: refund, group: all}
  special: {when: claim.type is damaged, conclude: deny, exception_to: all}
"""
    )
    ruling = policy.rule(CLAIM, march("03 10:00"))
    assert [found.name for found in ruling.reasons] == ["special"]
    assert ruling.decision == "release_to_seller"


# Answers inside a list, and sources that are down


def test_an_answer_inside_a_where_is_refused_as_it_would_count_as_no_while_open() -> None:
    rules = "  r: {when: exists claim.items where seller_answer is agrees, conclude: refund}\n"
    with pytest.raises(PolicyError, match="an answer inside the `where` of a list"):
        deciding(SELLER, rules)


def test_an_act_that_may_still_come_is_waited_for() -> None:
    policy = deciding(
        SELLER,
        "  r:\n"
        "    when: exists responses where party is seller and action is approve\n"
        "    conclude: refund\n"
        "  s: {when: seller_answer is refuses, conclude: deny}\n",
    )
    ruling = policy.rule(CLAIM, march("03 10:00"))
    assert (ruling.decision, ruling.needed) == ("wait", ("seller_answer",))


def test_a_source_that_is_down_hands_over_to_a_human_and_names_it() -> None:
    policy = pack(
        MONEY
        + """
rules:
  heavy: {when: shipping.insured is yes, conclude: refund}
  light: {when: shipping.insured is no, conclude: deny}
"""
    )
    down = "unavailable: [{at: 2026-03-02T12:00+07:00, source: shipping, state: down}]\n"
    ruling = policy.rule(CLAIM + down, march("03 10:00"))
    assert (ruling.decision, ruling.needed) == ("escalate", ("source:shipping",))
    assert reason(ruling, "source:shipping").detail == "this source is down"
    assert policy.rule(CLAIM, march("03 10:00")).decision == "release_to_seller"


def test_a_source_that_is_up_again_is_read() -> None:
    policy = pack(MONEY + "rules: {r: {when: shipping.insured is no, conclude: deny}}")
    again = """unavailable:
  - {at: 2026-03-02T12:00+07:00, source: shipping, state: down}
  - {at: 2026-03-02T14:00+07:00, source: shipping, state: up}
"""
    assert policy.rule(CLAIM + again, march("02 13:00")).decision == "escalate"
    assert policy.rule(CLAIM + again, march("03 10:00")).decision == "release_to_seller"
