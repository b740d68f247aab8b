"""The house policy: its own cases and stories, the open stories, what it promises both sides."""

import copy
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reso.cases import Pack, Report, run_cases
from reso.cases.scenario import ScenarioCase
from reso.engine.explain import render_text
from reso.facts.problems import CaseError
from reso.facts.reader import read_case_file
from reso.model.money import to_minor
from reso.model.ruling import Ruling
from tests.shipped import cases_of, pack_of, report_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "rules" / "marketplace"
STORIES = ROOT.parent / "shared" / "cases" / "stories.yaml"
ONLY_WAITED_FOR = {
    "back_after_all",
    "back_in_time",
    "came_before_it_turned",
    "it_came",
    "on_its_way",
    "shipped_after_all",
    "shipped_in_time",
    "turned_round_again",
}
"""Rules that keep a ruling open until something comes; once it has come another rule speaks."""
BLAME = re.compile(
    r"penipu|curang|bohong|mencurigakan|pencuri|fraud|liar|lying|suspicious|cheat|abuse"
    r"|akun lain|akun terkait|other accounts?|linked account",
    re.IGNORECASE,
)
NOTHING_FOR_BUYER = {"release_to_seller", "deny"}
FOR_BUYER = {"refund_full", "refund_partial", "return_and_refund", "replace_or_resend_missing"}


GIVEN = {case.id: case.given for case in cases_of("marketplace")}


def house() -> Pack:
    return pack_of("marketplace")


def own_cases() -> tuple[ScenarioCase, ...]:
    return cases_of("marketplace")


def ruling_on(case: dict[str, Any]) -> Ruling:
    history = read_case_file(case, house().table)
    return house().engine.decide(history.case_at())


@cache
def ruled(id_: str) -> Ruling:
    """Return the ruling on a case of the pack as it stands."""
    return ruling_on(dict(GIVEN[id_]))


def failures(report: Report) -> list[str]:
    return [
        f"{result.case.id}: {result.failures}" for result in report.results if not result.passed
    ]


# -- cases and stories --------------------------------------------------------------------------


def test_its_own_cases_and_stories_pass() -> None:
    report = report_of("marketplace")
    assert failures(report) == []
    right, total = report.tally_also()
    assert right == total
    assert report.passed >= 250
    legs = [case for case in own_cases() if case.expect and case.expect.legs]
    assert len(legs) >= 25


@pytest.mark.skipif(not STORIES.is_file(), reason="the open stories are not beside the clone")
def test_the_open_stories_pass() -> None:
    report = run_cases([house()], [STORIES])
    assert failures(report) == []
    right, total = report.tally_also()
    assert right == total
    assert report.passed == 5


def test_every_rule_and_bar_on_the_outcome_is_the_reason_of_some_case() -> None:
    asserted = {name for case in own_cases() if case.expect for name in case.expect.reasons}
    outcome = {rule.name for rule in house().policy.rules if rule.matter == "outcome"}
    assert outcome - asserted == ONLY_WAITED_FOR


# -- what the pack says of itself ---------------------------------------------------------------


def readme() -> str:
    return (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_rule_and_question_rests_on_a_chapter_of_the_readme() -> None:
    headings = re.findall(r"^## (.+)$", readme(), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    policy = house().policy
    for source in policy.sources:
        assert source.address.partition("#")[2] in anchors, source.id
    assert [thing.name for thing in (*policy.rules, *policy.questions) if not thing.sources] == []


def test_every_parameter_says_why_and_stands_in_the_readme() -> None:
    numbers = [d for d in house().policy.definitions if d.kind == "parameter"]
    assert [d.name for d in numbers if not (d.sources or d.chosen)] == []
    told = re.findall(r"^\| `(\w+)` \|", readme(), re.MULTILINE)
    assert sorted(told) == sorted(d.name for d in numbers)


def test_no_number_stands_outside_the_parameters() -> None:
    unit = r"(?:hours?|minutes?|calendar days?|business days?|weeks?|months?|[A-Z]{3}\b|%)"
    for file in FOLDER.glob("*.yaml"):
        if file.name == "parameters.yaml":
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            says = re.match(r"\s*(id|en|says|#|because)\b", line) or line.lstrip().startswith("#")
            assert says or not re.search(rf"\b[1-9]\d* ?{unit}", line), f"{file.name}:{number}"


def test_every_amount_stands_in_the_row_of_its_own_currency() -> None:
    text = (FOLDER / "parameters.yaml").read_text(encoding="utf-8")
    tables = re.findall(r"by: order\.currency, ([^}]*[A-Z]{3}: [^}]*)\}", text)
    money = [table for table in tables if re.search(r"\d [A-Z]{3}", table)]
    assert len(money) == 2
    for table in money:
        rows = dict(row.split(": ") for row in table.split(", "))
        assert rows.pop("otherwise") == "0 IDR"
        assert set(rows) == set(house().policy.currencies)
        assert [key for key, amount in rows.items() if not amount.endswith(f" {key}")] == []


# -- what it promises ---------------------------------------------------------------------------


@pytest.mark.parametrize("case", own_cases(), ids=lambda case: case.id)
def test_nobody_is_blamed_and_nothing_private_is_told(case: ScenarioCase) -> None:
    ruling = ruled(case.id)
    for language in ("id", "en"):
        text = render_text(house().explainer.explain(ruling, language))  # type: ignore[arg-type]
        assert BLAME.search(text) is None, text


MIXED = ("tracking", "evidence", "responses", "history", "incident", "costs", "buyer", "claim")


@st.composite
def mixed_cases(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an own case with some of its sections taken from others."""
    case = copy.deepcopy(dict(draw(st.sampled_from(own_cases())).given))
    for section in draw(st.sets(st.sampled_from(MIXED), max_size=4)):
        other = draw(st.sampled_from(own_cases())).given
        case.pop(section, None)
        if section in other:
            case[section] = copy.deepcopy(other[section])
    return case


@settings(max_examples=120, deadline=None)
@given(mixed_cases())
def test_a_refund_is_never_above_what_is_left_of_the_payment(case: dict[str, Any]) -> None:
    try:
        ruling = ruling_on(case)
    except CaseError:
        return  # an amount of another case does not fit this currency
    assert not any(reason.kind == "conflict" for reason in ruling.reasons), ruling.reasons
    if ruling.decision in ("refund_full", "refund_partial") and ruling.payee == "buyer":
        order, history = case["order"], case.get("history", {})
        left = max(0, order["total_paid"] - history.get("refunded_amount", 0))
        assert ruling.amount is not None
        assert ruling.amount <= to_minor(str(left), order["currency"])


def rank(ruling: Ruling) -> int:
    """Return how the buyer stands: 0 refused, 1 open, 2 something is granted."""
    if ruling.decision in NOTHING_FOR_BUYER:
        return 0
    return 2 if ruling.decision in FOR_BUYER else 1


STRONG = {"type": "unboxing_video", "strength": "strong", "verified": True}


def with_evidence(case: ScenarioCase, supports: str) -> dict[str, Any]:
    given = copy.deepcopy(dict(case.given))
    claim = given["claim"]
    item = {**STRONG, "party": supports, "supports": supports, "at": claim["filed_at"]}
    given["evidence"] = [*given.get("evidence", []), item]
    return given


GOODS = tuple(
    case
    for case in own_cases()
    if isinstance(case.given.get("claim"), dict) and ruled(case.id).chapter == "goods"
)


@pytest.mark.parametrize("case", GOODS, ids=lambda case: case.id)
def test_genuine_evidence_for_the_buyer_never_leaves_him_worse_off(case: ScenarioCase) -> None:
    before, after = ruled(case.id), ruling_on(with_evidence(case, "buyer"))
    assert rank(after) >= rank(before), (before.decision, after.decision)


@pytest.mark.parametrize("case", GOODS, ids=lambda case: case.id)
def test_genuine_evidence_for_the_seller_never_leaves_him_worse_off(case: ScenarioCase) -> None:
    before, after = ruled(case.id), ruling_on(with_evidence(case, "seller"))
    courier_pays = after.payer == "courier" and before.payer != "courier"
    assert courier_pays or rank(after) <= rank(before), (before.decision, after.decision)


@pytest.mark.parametrize("case", GOODS, ids=lambda case: case.id)
def test_a_file_used_by_others_before_supports_nobody(case: ScenarioCase) -> None:
    given = with_evidence(case, "seller")
    given["evidence"][-1]["hash_seen"] = {"disputes": 30, "accounts": 4, "within_days": 60}
    before, after = ruled(case.id), ruling_on(given)
    assert (after.decision, after.amount, after.payer) == (
        before.decision,
        before.amount,
        before.payer,
    )
