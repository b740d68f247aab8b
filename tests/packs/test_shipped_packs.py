"""The shipped packs: their own cases, the published cases, their sources, numbers and money.

Every folder under `rules` with a header is a pack, so a new one is tested from its first day.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reso.cases import Report, own_case_files, run_cases
from reso.engine.words import knows
from reso.model.proposal import Proposal
from reso.policy.messages import TOLD_AS
from reso.policy.model import OUTCOME
from reso.settlement.proposals import REFUNDS
from tests.shipped import PACKS, cases_of, check_of, pack_of, proposals_of, report_of

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT.parent / "shared" / "cases" / "published_cases.yaml"
OWN_CASES = {
    "ebay_us": 180,
    "lazada_sg_drtm": 45,
    "tokopedia_pr_v1": 70,
    "tokopedia_pr_v2": 95,
    "tokopedia_shop": 190,
    "visa_ce3": 37,
}
PUBLISHED_CASES = {
    "ebay_us": 10,
    "lazada_sg_drtm": 4,
    "tokopedia_pr_v1": 6,
    "tokopedia_pr_v2": 6,
    "tokopedia_shop": 13,
    "visa_ce3": 2,
}
each_pack = pytest.mark.parametrize("name", PACKS)
each_platform = pytest.mark.parametrize("name", PUBLISHED_CASES)


def proposals(name: str) -> dict[str, Proposal]:
    """Return what comes out of each own case of a pack, by the case's id."""
    return {id_: proposal for id_, (_, proposal) in proposals_of(name).items()}


def all_proposals() -> Iterator[tuple[str, Proposal]]:
    return ((case, proposal) for name in PACKS for case, proposal in proposals(name).items())


def failures(report: Report) -> list[str]:
    """Return what went wrong, secondary assertions included."""
    wrong = [f"{result.case.id}: {result}" for result in report.results if not result.passed]
    also = [
        f"{result.case.id}: {check}"
        for result in report.results
        for check in result.score.also
        if not check.ok
    ]
    return wrong + also


# -- cases ----------------------------------------------------------------------------------


@each_pack
def test_a_pack_passes_its_own_cases_with_their_secondary_assertions(name: str) -> None:
    report = report_of(name)
    assert failures(report) == []
    assert report.passed >= OWN_CASES.get(name, 1)


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published cases are not beside the clone")
@each_platform
def test_the_published_cases_of_a_platform_pass_with_their_secondary_assertions(name: str) -> None:
    report = run_cases([pack_of(name)], [PUBLISHED])
    assert failures(report) == []
    assert report.passed == PUBLISHED_CASES[name]


@each_pack
def test_a_pack_has_no_warnings_but_those_it_waives_with_a_reason(name: str) -> None:
    assert [str(problem) for problem in check_of(name).problems] == []


@each_platform
def test_every_rule_on_the_outcome_is_the_reason_of_some_case_or_is_waived(name: str) -> None:
    folder, policy = ROOT / "rules" / name, pack_of(name).policy
    text = "\n".join(path.read_text(encoding="utf-8") for path in own_case_files(folder))
    asserted = set(re.findall(r"\w+", " ".join(re.findall(r"reasons: \[([^\]]*)\]", text))))
    waived = {waiver.of for waiver in policy.waivers if waiver.problem == "rule-without-case"}
    assert {rule.name for rule in policy.rules if rule.matter == OUTCOME} - asserted == waived


# -- words ----------------------------------------------------------------------------------


@each_pack
def test_answers_flags_and_values_a_reader_sees_have_words_in_both_languages(name: str) -> None:
    policy = pack_of(name).policy
    answers = {("answers", str(a)) for q in policy.questions for a in q.domain()}
    told = [effect for rule in policy.rules for effect in rule.effects] + list(policy.effects)
    effects = {("effects", effect.name) for effect in told if effect.name != TOLD_AS}
    assert [word for word in sorted(answers | effects) if not knows(*word)] == []


# -- sources --------------------------------------------------------------------------------


@each_pack
def test_every_rule_bar_and_question_cites_a_source_that_can_be_read(name: str) -> None:
    policy = pack_of(name).policy
    addresses = {source.id: source.address for source in policy.sources}
    cited = {rule.name: rule.sources for rule in policy.rules}
    cited |= {question.name: question.sources for question in policy.questions}
    for thing, sources in cited.items():
        assert sources, thing
        assert all(can_be_read(addresses[source]) for source in sources), thing


def can_be_read(address: str) -> bool:
    """Whether this is the address of a page, or of a text of this repository."""
    on_the_web = address.startswith(("https://", "http://"))
    return on_the_web or (ROOT / address.partition("#")[0]).is_file()


@each_pack
def test_every_parameter_says_where_it_comes_from_or_why_it_was_chosen(name: str) -> None:
    policy = pack_of(name).policy
    numbers = [d for d in policy.definitions if d.kind == "parameter"]
    assert [d.name for d in numbers if not (d.sources or d.chosen)] == []


# -- money ----------------------------------------------------------------------------------


@each_platform
def test_a_pack_says_what_the_parties_are_told_and_what_an_order_holds(name: str) -> None:
    policy = pack_of(name).policy
    assert policy.escrow.holdings
    assert policy.messages


@each_platform
def test_at_least_six_cases_of_a_pack_say_what_money_moves(name: str) -> None:
    assert sum(bool(case.expect and case.expect.legs) for case in cases_of(name)) >= 6


def test_the_buyer_gets_the_sum_that_was_ruled_whoever_bears_it() -> None:
    refunds = {
        case: proposal
        for case, proposal in all_proposals()
        if proposal.ruling.decision in REFUNDS and proposal.ruling.payee == "buyer" and proposal.how
    }
    got = {
        case: sum(leg.amount for leg in proposal.legs if leg.payee == "buyer")
        for case, proposal in refunds.items()
    }
    assert len(got) > 100
    assert got == {case: proposal.ruling.amount for case, proposal in refunds.items()}


def test_a_compensation_to_the_seller_leaves_alone_what_the_order_holds() -> None:
    found = [
        (case, proposal)
        for name in PUBLISHED_CASES
        for case, proposal in proposals(name).items()
        if proposal.how and proposal.ruling.payee == "seller"
    ]
    assert len(found) >= 10
    for case, proposal in found:
        legs = [(leg.payee, leg.component, leg.from_escrow) for leg in proposal.legs]
        assert legs == [("seller", "compensation", False)], case


@pytest.mark.parametrize(
    ("name", "case", "how"),
    [
        pytest.param("tokopedia_shop", "TS-124", "agreed", id="the seller approves a refund"),
        pytest.param("tokopedia_shop", "TS-123", "lapsed", id="the seller is silent on one"),
        pytest.param("tokopedia_shop", "TS-151", "agreed", id="the buyer withdraws"),
        pytest.param("tokopedia_shop", "TS-413", "agreed", id="the seller agrees to cancel"),
        pytest.param("tokopedia_shop", "TS-410", "lapsed", id="the seller is silent on cancelling"),
        pytest.param("tokopedia_shop", "TS-401", "imposed", id="the buyer may cancel freely"),
        pytest.param("tokopedia_shop", "TS-341", "agreed", id="the seller gives in in a dispute"),
        pytest.param("lazada_sg_drtm", "LS-126", "agreed", id="approved, never sent back"),
        pytest.param("lazada_sg_drtm", "LS-173", "imposed", id="approved for him, under sanction"),
        pytest.param("lazada_sg_drtm", "LS-160", "imposed", id="a return under sanction"),
        pytest.param("lazada_sg_drtm", "LS-113", "agreed", id="withdrawn in Singapore"),
        pytest.param("tokopedia_pr_v1", "P1-106", "agreed", id="the rest is sent"),
        pytest.param("tokopedia_pr_v1", "P1-401", "agreed", id="a complaint is cancelled"),
        pytest.param("tokopedia_pr_v1", "P1-502", "imposed", id="Customer Care has ruled"),
        pytest.param("tokopedia_pr_v2", "P2-503", "agreed", id="cancelled by consent"),
        pytest.param("tokopedia_pr_v2", "P2-602", "lapsed", id="never sent"),
        pytest.param("tokopedia_pr_v2", "P2-401", "imposed", id="a guaranteed return"),
        pytest.param("ebay_us", "EU-128", "agreed", id="the seller agrees after his time"),
        pytest.param("ebay_us", "EU-124", "agreed", id="the buyer takes an offer"),
        pytest.param("ebay_us", "EU-222", "lapsed", id="the seller is silent on a return"),
        pytest.param("ebay_us", "EU-143", "imposed", id="eBay decides"),
        pytest.param("visa_ce3", "CE-145", "agreed", id="the merchant accepts"),
        pytest.param("visa_ce3", "CE-142", "lapsed", id="the merchant is silent"),
        pytest.param("visa_ce3", "CE-101", "imposed", id="the evidence is compelling"),
    ],
)
def test_a_dispute_ends_agreed_lapsed_or_imposed(name: str, case: str, how: str) -> None:
    assert proposals(name)[case].how == how


# -- the code -------------------------------------------------------------------------------


def test_no_marketplace_is_named_in_the_code() -> None:
    words = re.compile(
        r"tokopedia|lazada|shopee|bukalapak|ebay|paypal|etsy|aliexpress", re.IGNORECASE
    )
    shown = {"reso/cli", "reso/study", "reso/authoring"}  # examples in --help
    for path in (ROOT / "reso").rglob("*.py"):
        room = path.relative_to(ROOT).parent.as_posix()
        if room not in shown:
            assert words.search(path.read_text(encoding="utf-8")) is None, path
