"""Scenario cases: each kind of check with a ruling that meets it and one that does not."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reso.cases import (
    CaseResult,
    Expectation,
    Pack,
    Report,
    junit_xml,
    load_pack,
    load_scenarios,
    own_case_files,
    report_json,
    run_cases,
    score,
)
from reso.errors import InputError
from reso.facts.problems import CaseError
from reso.model.proposal import Leg, Proposal
from reso.model.ruling import QuestionTrace, Reason, Ruling
from reso.policy.problems import PolicyError

MINI = Path(__file__).parent / "packs" / "mini"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

RULING = Ruling(
    policy="mini",
    version="7",
    content_hash="0",
    known_at=NOON,
    chapter="request",
    decision="refund_partial",
    reasons=(Reason("rule", "agreed", "refund"), Reason("step", "inspected", "refund")),
    currency="SGD",
    amount=4_550,
    quantity=2,
    percent=125_000,
    payer="courier",
    payee="buyer",
    party="buyer",
    deadline=NOON,
    matters=(("return_shipping_payer", "seller"), ("payer", "courier")),
)
WAIT = replace(
    RULING,
    decision="wait",
    amount=None,
    quantity=None,
    percent=None,
    payer="",
    payee="",
    matters=(),
    needed=("seller_answer",),
    questions=(
        QuestionTrace("seller_answer", "seller", "open", None, NOON, NOON, None, True, False),
        QuestionTrace("sla", "clock", "open", None, NOON, NOON, None, False, False),
    ),
)
REQUEST = replace(WAIT, decision="request_evidence", of="buyer")
RELEASE = replace(WAIT, decision="release_to_seller", needed=(), questions=())
FROM_ESCROW = replace(RULING, payer="", matters=())
SMALL_REFUND = replace(RULING, amount=1_000)


def expectation(expect: Mapping[str, object]) -> Expectation:
    return Expectation.model_validate({"decision": "refund_partial", **expect})


def outcome_of(expect: Mapping[str, object], ruling: Ruling, name: str) -> list[bool]:
    scored = score(expectation(expect), Proposal(ruling, ""))
    return [check.ok for check in (*scored.checks, *scored.also) if check.name == name]


MET, MISSED, NOT_COUNTED = [True], [False], list[bool]()


@pytest.mark.parametrize(
    ("expect", "ruling", "name", "expected"),
    [
        pytest.param({}, RULING, "decision", MET, id="decision"),
        pytest.param({}, RELEASE, "decision", MISSED, id="other decision"),
        pytest.param({"decision": "deny"}, RELEASE, "decision", MET, id="deny is release"),
        pytest.param(
            {"accept_also": ["wait"]}, WAIT, "decision", MET, id="a decision just as acceptable"
        ),
        pytest.param(
            {"accept_also": ["deny"]}, RELEASE, "decision", MET, id="deny is release there, too"
        ),
        pytest.param({"amount": "45.5"}, RULING, "amount", MET, id="amount"),
        pytest.param({"amount": "45.51"}, RULING, "amount", MISSED, id="a cent more"),
        pytest.param({"amount": 45}, FROM_ESCROW, "amount", MISSED, id="rounded amount"),
        pytest.param(
            {"amount": 1, "accept_also": ["wait"]},
            WAIT,
            "amount",
            NOT_COUNTED,
            id="amount of another decision",
        ),
        pytest.param(
            {"decision": "wait", "amount": 1}, WAIT, "amount", MISSED, id="no amount concluded"
        ),
        pytest.param(
            {"amount": 50, "amount_any_of": [50, "45.50"]}, RULING, "amount", MET, id="any amount"
        ),
        pytest.param(
            {"amount_any_of": [50, 45]}, RULING, "amount", MISSED, id="none of the amounts"
        ),
        pytest.param(
            {"amount": 40, "amount_between": [40, "45.50"]}, RULING, "amount", MET, id="range"
        ),
        pytest.param(
            {"amount_between": [40, "45.49"]}, RULING, "amount", MISSED, id="above the range"
        ),
        pytest.param(
            {
                "decision": "refund_full",
                "accept_also": ["refund_partial"],
                "amount_between": [38, 90],
            },
            SMALL_REFUND,
            "amount",
            MISSED,
            id="range binds an accepted refund",
        ),
        pytest.param(
            {"amount_between": [38, 90], "accept_also": ["wait"]},
            WAIT,
            "amount",
            NOT_COUNTED,
            id="range does not bind a wait",
        ),
    ],
)
def test_decision_and_amount(
    expect: Mapping[str, object], ruling: Ruling, name: str, expected: list[bool]
) -> None:
    assert outcome_of(expect, ruling, name) == expected


def at(hours: int, minutes: int = 0) -> str:
    return (NOON + timedelta(hours=hours, minutes=minutes)).isoformat()


@pytest.mark.parametrize(
    ("expect", "ruling", "expected"),
    [
        pytest.param({"deadline": {"at": at(0)}}, RULING, MET, id="to the second"),
        pytest.param({"deadline": {"at": at(0, 1)}}, RULING, MISSED, id="a minute off"),
        pytest.param(
            {"deadline": {"at": at(24), "tolerance_hours": 24}}, RULING, MET, id="last tolerated"
        ),
        pytest.param(
            {"deadline": {"at": at(-24, -1), "tolerance_hours": 24}},
            RULING,
            MISSED,
            id="beyond the tolerance",
        ),
        pytest.param(
            {"deadline": {"at": at(0)}},
            replace(RULING, deadline=None),
            MISSED,
            id="no deadline concluded",
        ),
        pytest.param(
            {"decision": "escalate", "accept_also": ["wait"], "deadline": {"at": at(9)}},
            WAIT,
            NOT_COUNTED,
            id="deadline of another decision",
        ),
        pytest.param({"deadline_between": [at(0), at(1)]}, RULING, MET, id="first of the range"),
        pytest.param({"deadline_between": [at(1), at(2)]}, RULING, MISSED, id="before the range"),
        pytest.param(
            {"accept_also": ["wait"], "deadline_between": [at(1), at(2)]},
            WAIT,
            MISSED,
            id="range binds every wait",
        ),
        pytest.param(
            {"accept_also": ["release_to_seller"], "deadline_between": [at(1), at(2)]},
            RELEASE,
            NOT_COUNTED,
            id="range does not bind a final ruling",
        ),
    ],
)
def test_deadline(expect: Mapping[str, object], ruling: Ruling, expected: list[bool]) -> None:
    assert outcome_of(expect, ruling, "deadline") == expected


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        pytest.param("payer", "courier", "seller", id="payer"),
        pytest.param("payee", "buyer", "seller", id="payee"),
        pytest.param("return_shipping_payer", "seller", "buyer", id="return shipping"),
        pytest.param("quantity", 2, 3, id="quantity"),
        pytest.param("percent", "12.5", 12, id="percent"),
        pytest.param("party", "buyer", "seller", id="party"),
    ],
)
def test_who_and_how_much_are_exact(name: str, right: object, wrong: object) -> None:
    assert outcome_of({name: right}, RULING, name) == MET
    assert outcome_of({name: wrong}, RULING, name) == MISSED
    other = {"decision": "refund_full", "accept_also": ["refund_partial"], name: wrong}
    assert outcome_of(other, RULING, name) == MISSED, "another accepted decision contradicts it"


def test_what_an_accepted_decision_leaves_open_is_not_held_against_it() -> None:
    expect = {"accept_also": ["wait"], "payer": "seller", "quantity": 2, "percent": 50}
    assert [check.name for check in score(expectation(expect), Proposal(WAIT, "")).checks] == [
        "decision"
    ]


def test_who_is_asked_is_exact() -> None:
    expect = {"decision": "request_evidence", "of": "buyer"}
    assert outcome_of(expect, REQUEST, "of") == MET
    assert outcome_of({**expect, "of": "seller"}, REQUEST, "of") == MISSED


@pytest.mark.parametrize(
    ("expect", "ruling", "name", "expected"),
    [
        pytest.param({"payer_any_of": ["courier"]}, RULING, "payer", MET, id="payer named"),
        pytest.param({"payer_any_of": ["seller"]}, RULING, "payer", MISSED, id="other payer"),
        pytest.param(
            {"payer_any_of": ["seller"]}, FROM_ESCROW, "payer", MET, id="escrow is the seller's"
        ),
        pytest.param(
            {"of_any_of": ["buyer"], "accept_also": ["request_evidence"]},
            REQUEST,
            "of",
            MET,
            id="one who may be asked",
        ),
        pytest.param(
            {"of_any_of": ["seller"], "accept_also": ["request_evidence"]},
            REQUEST,
            "of",
            MISSED,
            id="one who may not",
        ),
        pytest.param({"of_any_of": ["seller"]}, RULING, "of", NOT_COUNTED, id="nobody is asked"),
        pytest.param({"reasons": ["inspected"]}, RULING, "reasons", MET, id="reason"),
        pytest.param({"reasons": ["rejected"]}, RULING, "reasons", MISSED, id="missing reason"),
    ],
)
def test_any_of_and_reasons(
    expect: Mapping[str, object], ruling: Ruling, name: str, expected: list[bool]
) -> None:
    assert outcome_of(expect, ruling, name) == expected


@pytest.mark.parametrize(
    ("pattern", "ruling", "matches"),
    [
        pytest.param({"decision": "refund_partial"}, RULING, True, id="decision"),
        pytest.param({"decision": "refund_full"}, RULING, False, id="other decision"),
        pytest.param({"decision": "deny"}, RELEASE, True, id="deny is release"),
        pytest.param({"payer": "courier"}, RULING, True, id="payer"),
        pytest.param({"payer": "seller"}, RULING, False, id="other payer"),
        pytest.param({"payer": "seller"}, FROM_ESCROW, True, id="out of the seller's escrow"),
        pytest.param({"payer": "seller"}, RELEASE, False, id="nobody pays"),
        pytest.param({"payee": "buyer"}, RULING, True, id="payee"),
        pytest.param({"payee": "seller"}, RULING, False, id="other payee"),
        pytest.param({"of": "buyer"}, REQUEST, True, id="asked"),
        pytest.param({"of": "seller"}, REQUEST, False, id="other asked"),
        pytest.param({"amount_over": "45.49"}, RULING, True, id="over"),
        pytest.param({"amount_over": "45.50"}, RULING, False, id="not over"),
        pytest.param({"amount_under": "45.51"}, RULING, True, id="under"),
        pytest.param({"amount_under": "45.50"}, RULING, False, id="not under"),
        pytest.param({"amount_under": 1}, RELEASE, False, id="no amount is not under"),
        pytest.param({"return_shipping_payer": "seller"}, RULING, True, id="return shipping"),
        pytest.param({"return_shipping_payer": "buyer"}, RULING, False, id="other return shipping"),
        pytest.param({"message_contains_any": ["x", "HELLO"]}, RULING, True, id="message"),
        pytest.param({"message_contains_any": ["goodbye"]}, RULING, False, id="other message"),
        pytest.param(
            {"decision": "refund_partial", "payer": "seller"}, RULING, False, id="only in part"
        ),
        pytest.param(
            {"decision": "refund_partial", "payer": "courier"}, RULING, True, id="every key"
        ),
    ],
)
def test_an_outcome_that_must_never_come_out_fails_the_case(
    pattern: Mapping[str, object], ruling: Ruling, matches: bool
) -> None:
    scored = score(
        expectation({"decision": ruling.decision, "never": [pattern]}),
        Proposal(ruling, ""),
        lambda: "Hello you",
    )
    assert [check.ok for check in scored.checks if check.name == "never[0]"] == [not matches]


def test_what_only_a_reader_can_judge_is_reported_and_never_fails() -> None:
    pattern = {"decision": "refund_partial", "outcome": "the seller is scolded"}
    scored = score(expectation({"never": [pattern]}), Proposal(RULING, ""))
    assert [check.name for check in scored.checks] == ["decision"]
    assert scored.to_read == ("the seller is scolded",)


LEGS = (
    Leg("courier", "buyer", 500, "shipping", from_escrow=False),
    Leg("seller", "buyer", 1_000, "goods", from_escrow=True),
    Leg("seller", "buyer", 200, "goods", from_escrow=False, fault="seller"),
)


@pytest.mark.parametrize(
    ("leg", "met"),
    [
        pytest.param({"payer": "courier", "payee": "buyer", "amount": 5}, True, id="amount"),
        pytest.param({"payer": "courier", "payee": "buyer", "amount": 6}, False, id="other_amount"),
        pytest.param({"payer": "seller", "amount_between": [12, 12]}, True, id="several_add_up"),
        pytest.param({"payer_any_of": ["platform", "courier"]}, True, id="one_of_several"),
        pytest.param({"payer": "platform"}, False, id="nobody_paid"),
        pytest.param(
            {"payer": "platform", "amount_between": [0, 9]}, True, id="nobody_needed_to_pay"
        ),
        pytest.param({"component": "label"}, False, id="other_component"),
        pytest.param({"payer": "seller", "fault": "seller", "amount": 2}, True, id="fault"),
    ],
)
def test_movements_must_come_out(leg: Mapping[str, object], met: bool) -> None:
    scored = score(expectation({"legs": [leg]}), Proposal(RULING, "imposed", legs=LEGS))
    assert [check.ok for check in scored.checks if check.name == "legs[0]"] == [met]


def test_movements_are_not_asked_of_another_accepted_decision() -> None:
    expect = expectation({"accept_also": ["wait"], "legs": [{"payer": "courier"}]})
    assert [check.name for check in score(expect, Proposal(WAIT, "")).checks] == ["decision"]


EFFECTS = replace(
    WAIT,
    effects={
        "funds_held": True,
        "can_reopen": False,
        "redirect": "seller",
        "due_at": NOON + timedelta(seconds=59),
    },
    matters=(("return_shipping_payer", "seller"),),
)


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        pytest.param("funds_held", True, True, id="a flag"),
        pytest.param("funds_held", False, False, id="the other flag"),
        pytest.param("can_reopen", False, True, id="a flag that is no"),
        pytest.param("case_closed", False, True, id="an absent flag is no"),
        pytest.param("case_closed", True, False, id="an absent flag is not yes"),
        pytest.param("redirect", "seller", True, id="a text"),
        pytest.param("redirect", "buyer", False, id="another text"),
        pytest.param("redirect", True, False, id="a text is not yes"),
        pytest.param("redirect", False, False, id="a text is not no"),
        pytest.param("evidence_type", "photo", False, id="an absent text"),
        pytest.param("return_shipping_payer", "seller", True, id="a matter"),
        pytest.param("awaiting", "seller", True, id="whom the needed question is put to"),
        pytest.param("awaiting", "buyer", False, id="somebody else"),
        pytest.param("due_at", "2026-03-02T11:00:30+07:00", True, id="the same minute"),
        pytest.param("due_at", "2026-03-02T11:01:00+07:00", False, id="the next minute"),
        pytest.param("due_at", "soon", False, id="no instant"),
        pytest.param("sla_deadline", "2026-03-02T12:00:00+08:00", True, id="a question's clock"),
        pytest.param("sla_deadline", "2026-03-02T12:01:00+08:00", False, id="another clock"),
    ],
)
def test_secondary_assertions_are_counted_apart(name: str, wanted: object, expected: bool) -> None:
    scored = score(expectation({"decision": "wait", "also": {name: wanted}}), Proposal(EFFECTS, ""))
    assert [(check.name, check.ok) for check in scored.also] == [(f"also.{name}", expected)]
    assert all(check.ok for check in scored.checks)


def test_awaiting_is_whoever_is_asked_for_evidence() -> None:
    expect = {"decision": "request_evidence", "also": {"awaiting": "buyer"}}
    assert outcome_of(expect, REQUEST, "also.awaiting") == MET


# -- files ----------------------------------------------------------------------------------

GIVEN = """
      claim: {type: damaged, filed_at: "2026-03-02T09:00:00+08:00"}
      order: {currency: SGD, items_subtotal: 40.00, total_paid: 45.50}
      now: "2026-03-05T09:00:00+08:00"
"""


def write(path: Path, *cases: str) -> Path:
    path.write_text("cases:\n" + "".join(cases), encoding="utf-8")
    return path


def case(id_: str, expect: str, platform: str = "mini", given: str = GIVEN) -> str:
    head = f"  - id: {id_}\n    platform: {platform}\n"
    return f"{head}    given:{given}    expect: {expect}\n"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(MINI)


def report_of(pack: Pack, path: Path) -> Report:
    return run_cases([pack], [path])


def only(report: Report) -> CaseResult:
    (result,) = report.results
    return result


def test_the_packs_own_cases_pass_and_need_not_name_their_platform(pack: Pack) -> None:
    report = run_cases([pack], own_case_files(MINI))
    assert [(r.case.id, r.case.platform, r.failures) for r in report.results] == [
        ("MINI-1", "mini", ()),
        ("MINI-2", "mini", ()),
    ]
    assert report.tally() == {
        "decision": (2, 2),
        "amount": (1, 1),
        "payee": (1, 1),
        "reasons": (1, 1),
        "deadline": (1, 1),
    }
    assert report.tally_also() == (2, 2)


def test_a_failed_check_keeps_what_was_expected_what_came_and_why(
    pack: Pack, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.yaml", case("A-1", "{decision: refund_full, amount: 40}"))
    result = only(report_of(pack, path))
    assert not result.passed
    assert [(c.name, c.expected, c.got) for c in result.failures] == [("amount", "40", "45.50")]
    assert result.headline == "The buyer gets all the money back: SGD 45.50."
    assert result.why == (
        "The seller agreed, or was silent for 48 hours, by 4 Mar 2026 09:00 UTC+08:00 "
        "(24 hours ago), and the price of SGD 40.00 is not above SGD 50.00.",
    )


def test_cases_of_other_platforms_are_skipped_and_counted(pack: Pack, tmp_path: Path) -> None:
    wrong = case("B-2", "{nonsense: 1}", platform="bazaar")
    path = write(tmp_path / "a.yaml", case("B-1", "{decision: refund_full}"), wrong)
    report = report_of(pack, path)
    assert (report.passed, report.failed, dict(report.skipped)) == (1, 0, {"bazaar": 1})


def test_messages_are_the_texts_of_both_languages(pack: Pack, tmp_path: Path) -> None:
    never = "never: [{message_contains_any: [PENJUAL SETUJU]}, {message_contains_any: [lawyer]}]"
    path = write(tmp_path / "a.yaml", case("M-1", f"{{decision: refund_full, {never}}}"))
    checks = {c.name: c.ok for c in only(report_of(pack, path)).score.checks}
    assert checks == {"decision": True, "never[0]": False, "never[1]": True}


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        pytest.param(
            "{decision: wait, amuont: 3}",
            "expect.amuont: unknown key. Did you mean `amount`?",
            id="unknown key",
        ),
        pytest.param(
            "{decision: wait, deadline: {at: '2026-03-02T12:00+08:00', tolerance_hour: 3}}",
            "expect.deadline.tolerance_hour: unknown key. Did you mean `tolerance_hours`?",
            id="unknown key of the deadline",
        ),
        pytest.param(
            "{decision: wait, never: [{amount_ovr: 3}]}",
            "expect.never[0].amount_ovr: unknown key. Did you mean `amount_over`?",
            id="unknown key of a pattern",
        ),
        pytest.param(
            "{decision: refund_ful}",
            "expect.decision: `refund_ful` is no decision. Did you mean `refund_full`?",
            id="unknown decision",
        ),
        pytest.param("{amount: 3}", "expect.decision: missing. Write it.", id="no decision"),
        pytest.param(
            "{decision: wait, deadline: {at: '2026-03-02T12:00'}}",
            "expect.deadline.at: `2026-03-02T12:00` has no UTC offset. Write the instant like "
            "2026-04-16T10:00+07:00.",
            id="instant without an offset",
        ),
        pytest.param(
            "{decision: wait, amount: much}",
            "expect.amount: `much` does not fit here. Needed: a valid decimal.",
            id="no number",
        ),
    ],
)
def test_a_wrong_expectation_is_a_problem_of_its_case_alone(
    pack: Pack, tmp_path: Path, expect: str, message: str
) -> None:
    path = write(tmp_path / "a.yaml", case("W-1", expect), case("W-2", "{decision: refund_full}"))
    report = report_of(pack, path)
    assert [r.problem for r in report.results] == [f"{path}:2: W-1: {message}", ""]
    assert (report.passed, report.failed, report.unrunnable) == (1, 0, 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            '\n      clam: {type: damaged}\n      now: "2026-03-05T09:00:00+08:00"\n',
            "given: clam: unknown field. Did you mean `claim`?",
            id="unknown field",
        ),
        pytest.param(
            '\n      claim: {type: damaged, filed_at: "2026-03-02T09:00:00+08:00"}\n',
            "given: it has no `now`. Say when the ruling is asked.",
            id="no now",
        ),
        pytest.param(
            '\n      order: {currency: IDR}\n      now: "2026-03-05T09:00:00+08:00"\n',
            "order.currency: the case is in IDR, the policy rules in SGD",
            id="other currency",
        ),
    ],
)
def test_a_case_that_cannot_be_run_says_why(
    pack: Pack, tmp_path: Path, given: str, message: str
) -> None:
    path = write(tmp_path / "a.yaml", case("G-1", "{decision: wait}", given=given))
    assert only(report_of(pack, path)).problem == f"{path}:2: G-1: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "case: []\n",
            "there is no list of `cases` in it. A scenario file has `cases:`, a list of {id, "
            "platform, given, expect}.",
            id="no cases",
        ),
        pytest.param("", "is empty. A case file is a mapping of sections.", id="empty"),
    ],
)
def test_a_file_without_cases_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_scenarios(path)
    assert str(refused.value) == f"{path}: {message}"


def test_all_cases_that_are_no_cases_are_named_at_once(tmp_path: Path) -> None:
    form = "A scenario file has `cases:`, a list of {id, platform, given, expect}."
    path = tmp_path / "a.yaml"
    path.write_text(
        "cases:\n- 3\n- {id: A, given: {}, expect: {}}\n- {platform: p, given: []}\n"
        "- {id: B, platform: p, given: {}, expect: {}}\n"
        "- {id: B, platform: p, given: {}, expect: {}}\n",
        encoding="utf-8",
    )
    with pytest.raises(CaseError) as refused:
        load_scenarios(path)
    assert str(refused.value).splitlines() == [
        f"{path}: case 1: is `3`, where a mapping is needed. {form}",
        f"{path}: case 2: has no `platform`. {form}",
        f"{path}: case 3: has no `id`. {form}",
        f"{path}: case 3: has no `expect`. {form}",
        f"{path}: case 3: `given` is a list, where a mapping is needed. {form}",
        f"{path}: case 5: `B` is the id of an earlier case, too. {form}",
    ]


def test_json_scenario_files_are_read_too(pack: Pack, tmp_path: Path) -> None:
    data = {
        "cases": [
            {
                "id": "J-1",
                "platform": "mini",
                "given": {
                    "claim": {"type": "damaged", "filed_at": "2026-03-02T09:00:00+08:00"},
                    "order": {"currency": "SGD", "items_subtotal": 40.00, "total_paid": 45.50},
                    "now": "2026-03-05T09:00:00+08:00",
                },
                "expect": {"decision": "refund_full", "amount": 45.5},
            }
        ]
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    report = report_of(pack, path)
    assert (report.passed, only(report).case.place) == (1, f"{path}:4")


# -- reports --------------------------------------------------------------------------------


@pytest.fixture
def mixed(pack: Pack, tmp_path: Path) -> Report:
    path = write(
        tmp_path / "a.yaml",
        case("R-1", "{decision: refund_full, also: {auto_approved: true, case_closed: true}}"),
        case("R-2", "{decision: wait, legs: [{payer: seller}]}"),
        case("R-3", "{decisoin: wait}"),
        case("R-4", "{decision: wait}", platform="bazaar"),
    )
    return report_of(pack, path)


def test_the_report_counts_everything_once(mixed: Report) -> None:
    data = report_json(mixed)
    assert json.loads(json.dumps(data)) == data
    counts = {key: data[key] for key in ("passed", "failed", "unrunnable", "skipped", "also")}
    assert counts == {
        "passed": 1,
        "failed": 1,
        "unrunnable": 1,
        "skipped": {"bazaar": 1},
        "also": {"passed": 1, "total": 2},
    }
    assert data["to_read"] == 0
    assert data["checks"] == {"decision": {"passed": 1, "total": 2}}


def test_junit_holds_failures_errors_and_skipped_cases(mixed: Report) -> None:
    suite = ElementTree.fromstring(junit_xml(mixed)).find("testsuite")
    assert suite is not None
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    shown = [(c.get("classname"), c.get("name"), [part.tag for part in c]) for c in suite]
    assert shown == [
        ("mini", "R-1", []),
        ("mini", "R-2", ["failure"]),
        ("mini", "R-3", ["error"]),
        ("bazaar", "case 1", ["skipped"]),
    ]
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "decision: expected wait, got refund_full"


def test_junit_is_xml_whatever_a_case_is_called(pack: Pack, tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", case('"<\\x08&>"', "{decision: wait}"))
    named = ElementTree.fromstring(junit_xml(report_of(pack, path))).find("testsuite/testcase")
    assert named is not None
    assert named.get("name") == "<&>"


# -- packs ----------------------------------------------------------------------------------


def copied(folder: Path, inputs: str = "") -> Path:
    folder.mkdir(parents=True)
    for file in MINI.glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    if inputs:
        (folder / "inputs.yaml").write_text(inputs, encoding="utf-8")
    return folder


SHINE = """\
inputs:
  seller:
    stated_by: platform
    fields:
      shine: {type: boolean, meaning: x}
"""


def test_a_packs_cases_may_hold_the_facts_of_the_packs_beside_it(tmp_path: Path) -> None:
    one, _ = copied(tmp_path / "one"), copied(tmp_path / "two", SHINE)
    assert "seller.shine" in load_pack(one).table.fields


def test_files_that_are_no_pack_beside_a_lone_one_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "action.yaml").write_text("inputs: {who: 3}\n", encoding="utf-8")
    pack = load_pack(copied(tmp_path / "one"))
    assert pack.table == pack.policy.table


def test_a_pack_with_problems_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path / "one")
    (folder / "more.yaml").write_text("rules: {x: {when: 1}}\n", encoding="utf-8")
    with pytest.raises(PolicyError):
        load_pack(folder)
