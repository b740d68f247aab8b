"""A ruling carries why: findings and values that held, sources, questions, evidence, effects."""

from datetime import UTC, datetime

import pytest

from reso.model.ruling import Ruling
from reso.model.time import Duration
from tests.strategies.small_packs import pack, reason, traced, weighed

ORDER = "order: {currency: IDR, placed_at: 2026-03-01T08:00+07:00, total_paid: 100000}\n"
CLAIM = ORDER + "claim: {type: damaged, filed_at: 2026-03-02T10:00+07:00}\n"


def march(text: str) -> datetime:
    """Return an instant of March 2026 in Jakarta: "02 10:00"."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-03-{day}T{clock}+07:00").astimezone(UTC)


def test_a_ruling_without_reasons_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="a ruling without reasons cannot be built"):
        Ruling("small", "1", "0" * 64, march("03 10:00"), "", "deny", reasons=())


# Findings and values


EXPLAINED = pack("""
sources:
  A1: {address: "https://example.org/1"}
  A2: {address: "https://example.org/2"}
parameters:
  limit: 50000 IDR
  window: 6 calendar days
findings:
  above:
    when: order.total_paid > limit
    says: {id: "di atas {limit}", en: "{order.total_paid} is above {limit}"}
  early:
    when: claim.filed_at before order.placed_at + window
    says: {id: "dalam {window}", en: "filed {claim.filed_at}, within {window}"}
  late: claim.filed_at after order.placed_at + window
  unsaid: [above, early]
  either: above or late
rules:
  by_findings: {when: [above, early], conclude: deny, source: [A1, A2]}
  through: {when: unsaid, conclude: deny}
  chosen: {when: "early or order.total_paid > limit", conclude: deny}
  one_of_two: {when: either, conclude: deny}
  in_its_own_words:
    when: [above, early]
    conclude: deny
    because: {id: "karena {limit}", en: "because of {limit}"}
  speechless: {when: claim is known, conclude: deny}
""")


@pytest.mark.parametrize(
    ("name", "findings", "shown"),
    [
        pytest.param("by_findings", ("above", "early"),
                     ["limit", "order.total_paid", "window", "claim.filed_at"],
                     id="the findings it names"),
        pytest.param("through", ("above", "early"),
                     ["limit", "order.total_paid", "window", "claim.filed_at"],
                     id="a finding without a phrase is told by those it names"),
        pytest.param("chosen", ("early",), ["window", "claim.filed_at"], id="of an `or`, by name"),
        pytest.param("one_of_two", ("above",), ["limit", "order.total_paid"],
                     id="of an `or`, the one that held"),
        pytest.param("in_its_own_words", (), ["limit"], id="its own words stand above findings"),
        pytest.param("speechless", (), [], id="nothing to say"),
    ],
)  # fmt: skip
def test_a_rule_is_explained_by_the_findings_that_held(
    name: str, findings: tuple[str, ...], shown: list[str]
) -> None:
    found = reason(EXPLAINED.rule(CLAIM, march("03 10:00")), name)
    assert (found.kind, found.concluded, found.findings) == ("rule", "deny", findings)
    assert sorted(text for text, _ in found.values) == sorted(shown)


def test_values_are_those_the_texts_show() -> None:
    found = reason(EXPLAINED.rule(CLAIM, march("03 10:00")), "by_findings")
    assert dict(found.values) == {
        "limit": 50_000,
        "order.total_paid": 100_000,
        "window": Duration("calendar_days", 6),
        "claim.filed_at": march("02 10:00"),
    }


def test_a_rule_cites_its_sources() -> None:
    ruling = EXPLAINED.rule(CLAIM, march("03 10:00"))
    assert reason(ruling, "by_findings").sources == ("A1", "A2")
    assert reason(ruling, "through").sources == ()


def test_only_rules_that_decide_are_reasons() -> None:
    policy = pack("""
        rules:
          general: {when: claim is known, conclude: escalate}
          special: {when: claim.type is damaged, conclude: deny, exception_to: general}
          other: {when: claim is none, conclude: escalate}
        """)
    ruling = policy.rule(CLAIM, march("03 10:00"))
    assert [found.name for found in ruling.reasons] == ["special"]
    assert [(rule.name, rule.status) for rule in ruling.rules] == [
        ("general", "excepted"),
        ("special", "decided"),
    ]


def test_a_bar_is_a_reason_of_its_own_kind() -> None:
    policy = pack("""
        bars: {b: {when: claim is known, conclude: deny}}
        rules: {r: {when: claim is known, conclude: escalate}}
        """)
    ruling = policy.rule(CLAIM, march("03 10:00"))
    assert [(found.kind, found.name) for found in ruling.reasons] == [("bar", "b")]
    assert [(rule.name, rule.kind, rule.status) for rule in ruling.rules] == [
        ("b", "bar", "decided"),
        ("r", "rule", "barred"),
    ]


def test_a_ruling_names_its_policy_and_what_was_known() -> None:
    ruling = EXPLAINED.rule(CLAIM, march("03 10:00"))
    policy = EXPLAINED.policy
    assert (ruling.policy, ruling.version) == ("small", "1")
    assert ruling.content_hash == policy.content_hash
    assert ruling.known_at == march("03 10:00")


# Other matters and effects


MATTERS = pack("""
policy: small
currency: IDR
time_zone: Asia/Jakarta
settlements: {whole: order.total_paid, refund: {amount: order.total_paid}}
rules:
  pays: {when: claim.type is damaged, conclude: refund, effects: {closed: yes, due: due_at}}
  closes: {when: claim.type is broken, conclude: deny, effects: {closed: yes}}
  postage: {matter: postage, when: claim is known, conclude: seller, applies_to: refund_full}
  label: {matter: label, when: claim is none, conclude: free}
readings: {due_at: claim.filed_at + 24 hours}
effects: {held: claim is known, way: post, paid_on: order.paid_at}
otherwise: {outcome: escalate, postage: none, label: none}
""")


def test_other_matters_are_told_where_they_apply() -> None:
    refunded = MATTERS.rule(CLAIM, march("03 10:00"))
    denied = MATTERS.rule(CLAIM.replace("damaged", "broken"), march("03 10:00"))
    assert refunded.matters == (("postage", "seller"),)
    assert refunded.matter("postage") == "seller"
    assert denied.matters == ()
    assert denied.matter("postage") == ""


def test_effects_are_those_of_the_policy_and_of_the_rules_that_decide() -> None:
    ruling = MATTERS.rule(CLAIM, march("03 10:00"))
    assert ruling.effects == {
        "held": True,
        "way": "post",
        "closed": True,
        "due": march("03 10:00"),
    }
    assert MATTERS.rule(ORDER, march("03 10:00")).effects == {"held": False, "way": "post"}


FLAGS = pack("""
policy: small
currency: IDR
time_zone: Asia/Jakarta
readings:
  flagged: [{when: claim.type is broken, then: yes}, {when: claim.type is defective, then: no}]
effects: {flag: flagged}
otherwise: escalate
""")


@pytest.mark.parametrize(
    ("kind", "effects"),
    [
        pytest.param("broken", {"flag": True}, id="yes"),
        pytest.param("defective", {"flag": False}, id="no"),
        pytest.param("damaged", {}, id="none: nothing is said"),
    ],
)
def test_a_flag_is_yes_no_or_left_out(kind: str, effects: dict[str, bool]) -> None:
    ruling = FLAGS.rule(CLAIM.replace("damaged", kind), march("03 10:00"))
    assert (ruling.effects or {}) == effects


# Questions


ASKED = """
  q:
    to: seller
    asks: {id: "Setuju? {order.total_paid}", en: "Agreed? {order.total_paid}"}
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
    source: A1
"""
QUESTIONED = pack(f"""
sources:
  A1: {{address: "https://example.org/1"}}
questions:{ASKED}
rules:
  yes: {{when: q is agrees, conclude: deny}}
  no: {{when: q is refuses, conclude: escalate}}
otherwise:
  remedy: refund
settlements: {{whole: order.total_paid, refund: {{amount: order.total_paid}}}}
""")


def test_an_open_question_is_the_reason_of_a_wait() -> None:
    ruling = QUESTIONED.rule(CLAIM, march("03 10:00"))
    (found,) = ruling.reasons
    assert (found.kind, found.name, found.concluded) == ("question", "q", "seller")
    assert found.sources == ("A1",)
    assert found.values == (("order.total_paid", 100_000),)


@pytest.mark.parametrize(
    ("at", "state", "answer", "ended", "needed"),
    [
        pytest.param("03 10:00", "open", None, None, True, id="open"),
        pytest.param("04 10:00", "lapsed", "agrees", "04 10:00", False, id="lapsed"),
    ],
)
def test_a_question_is_told_with_its_state_and_clock(
    at: str, state: str, answer: str | None, ended: str | None, needed: bool
) -> None:
    found = traced(QUESTIONED.rule(CLAIM, march(at)), "q")
    assert (found.state, found.answer, found.needed) == (state, answer, needed)
    assert (found.opened_at, found.deadline) == (march("02 10:00"), march("04 10:00"))
    assert found.ended_at == (None if ended is None else march(ended))


def test_a_question_that_never_opens_is_not_told() -> None:
    assert QUESTIONED.rule(ORDER, march("03 10:00")).questions == ()


# Evidence


PROOF = """
questions:
  proof:
    to: buyer
    opens_at: claim.filed_at
    lasts: 24 hours
    answers:
      given: evidence where party is buyer and strength is strong
      refused: responses where party is buyer and action is reject
    silence_means: refused
{more}
rules:
  yes: {{when: proof is given, conclude: escalate}}
  no: {{when: proof is refused, conclude: deny}}
"""
WEIGHING = pack(PROOF.format(more=""))


def evidence(*pieces: str) -> str:
    """Return a case with evidence, each piece `at: ..., party: ...` and so on."""
    items = "".join(f"  - {{{piece}}}\n" for piece in pieces)
    return f"{CLAIM}evidence:\n{items}"


def piece(at: str, party: str = "buyer", strength: str = "strong") -> str:
    return f"at: {march(at).isoformat()}, party: {party}, type: photo, strength: {strength}"


@pytest.mark.parametrize(
    ("given", "used", "why"),
    [
        pytest.param(piece("02 12:00"), True, "used", id="in time"),
        pytest.param(piece("02 10:00"), True, "used", id="with the claim"),
        pytest.param(piece("03 10:00"), True, "used", id="at the deadline"),
        pytest.param(piece("03 10:01"), False, "late", id="a minute after the deadline"),
        pytest.param(piece("02 12:00", strength="weak"), False, "weak", id="proves nothing"),
        pytest.param(piece("02 12:00", party="seller"), False, "not_asked_for", id="of another"),
        pytest.param("party: buyer, type: photo, strength: strong", True, "used", id="undated"),
    ],
)
def test_evidence_is_told_with_whether_and_why_it_counted(given: str, used: bool, why: str) -> None:
    ruling = WEIGHING.rule(evidence(given), march("05 10:00"))
    assert ruling.decision == ("escalate" if used else "release_to_seller")
    assert weighed(ruling) == [(used, why)]


def test_every_piece_is_told_in_the_order_of_the_case() -> None:
    case = evidence(
        piece("02 12:00", party="seller"), piece("02 13:00"), piece("04 12:00", strength="weak")
    )
    ruling = WEIGHING.rule(case, march("05 10:00"))
    assert weighed(ruling) == [(False, "not_asked_for"), (True, "used"), (False, "weak")]
    assert [(found.index, found.party, found.type) for found in ruling.evidence] == [
        (0, "seller", "photo"),
        (1, "buyer", "photo"),
        (2, "buyer", "photo"),
    ]


def test_what_comes_after_the_answer_that_stands_is_not_used() -> None:
    case = evidence(piece("02 12:00"), piece("02 13:00"))
    ruling = WEIGHING.rule(case, march("05 10:00"))
    assert weighed(ruling) == [(True, "used"), (False, "not_asked_for")]


def test_what_comes_before_the_question_is_not_used() -> None:
    case = evidence(piece("01 12:00"))
    ruling = WEIGHING.rule(case, march("05 10:00"))
    assert ruling.decision == "release_to_seller"
    assert weighed(ruling) == [(False, "not_asked_for")]


def test_a_revised_answer_uses_the_last_piece() -> None:
    policy = pack(PROOF.format(more="    revisable: yes"))
    case = evidence(piece("02 12:00"), piece("02 13:00"))
    assert weighed(policy.rule(case, march("05 10:00")))[-1] == (True, "used")


def test_evidence_that_exists_at_all_is_used_where_a_rule_looks_for_it() -> None:
    policy = pack("""
        findings:
          shown: exists evidence where party is buyer and type is photo
        rules:
          r: {when: shown, conclude: deny}
          s: {when: [shown, claim.type is broken], conclude: escalate}
        """)
    ruling = policy.rule(
        evidence(piece("02 12:00"), piece("02 12:00", party="seller")), march("05 10:00")
    )
    assert weighed(ruling) == [(True, "used"), (False, "not_asked_for")]


def test_evidence_counted_by_a_named_value_is_used_as_well() -> None:
    policy = pack("""
        readings:
          photos: count of evidence where party is buyer and type is photo
        findings:
          shown: photos >= 1
        rules:
          by_photo: {when: shown, conclude: release_to_seller}
        """)
    ruling = policy.rule(
        evidence(piece("02 12:00"), piece("02 12:00", party="seller")), march("05 10:00")
    )
    assert weighed(ruling) == [(True, "used"), (False, "not_asked_for")]


def test_a_case_without_evidence_tells_of_none() -> None:
    assert WEIGHING.rule(CLAIM, march("05 10:00")).evidence == ()
