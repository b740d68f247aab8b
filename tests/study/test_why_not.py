"""Why not another outcome: what stood in the way, and the fewest changes that give it."""

from dataclasses import replace
from pathlib import Path

import pytest

from reso.cases import Pack, load_scenarios, own_case_files
from reso.errors import InputError
from reso.facts.reader import read_case_file
from reso.study import whynot
from reso.study.changes import HUMAN
from reso.study.edits import applied
from reso.study.readers import told_why_not
from reso.study.whynot import WhyNot, same_outcome, why_not
from tests.shipped import pack_of
from tests.study.shop import LARGE, LATE, REFUSED, case_of, shop

RULES = Path(__file__).parents[2] / "rules"
OUTCOMES = ("refund_full", "return_and_refund", "release_to_seller")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return shop(tmp_path_factory.mktemp("shop") / "shop")


def told(pack: Pack, case: str, outcome: str, reader: str = "agent", language: str = "en") -> str:
    return told_why_not(why_not(pack, case_of(pack, case), outcome), pack, reader, language)  # type: ignore[arg-type]


LATE_EN = """\
Why not: full refund
The ruling: The money goes to the seller.

Rules that could give it, and what stood in their way
- `small_silence`
  barred by `too_late`: the filing: 18 May 2026 11:00 UTC+08:00; allowed until \
16 May 2026 11:00 UTC+08:00 (`delivered_at + buyer_window`)
- `agreed` (concludes "as requested")
  barred by `too_late`: the filing: 18 May 2026 11:00 UTC+08:00; allowed until \
16 May 2026 11:00 UTC+08:00 (`delivered_at + buyer_window`)
  not met: `seller_answer is approve`: the seller's answer on "seller_answer": no answer; \
approved is needed

What would change that
- Refunded in full (SGD 10.00) if filed 2 days earlier (16 May 2026 11:00 UTC+08:00).
- Refunded in full (SGD 10.00) if the courier's scan had come 2 days later \
(11 May 2026 11:00 UTC+08:00).
- Refunded in full (SGD 10.00) if the courier had not recorded "delivered".

"""
LATE_ID = """\
Yang akan mengubahnya
- Dana dikembalikan penuh (SGD 10,00) jika diajukan 2 hari lebih awal \
(16 Mei 2026 11:00 UTC+08:00).
- Dana dikembalikan penuh (SGD 10,00) jika waktu catatan kurir 2 hari lebih lambat \
(11 Mei 2026 11:00 UTC+08:00).
- Dana dikembalikan penuh (SGD 10,00) jika kurir tidak mencatat "tiba di tujuan".
"""


def test_a_late_request_would_be_refunded_if_filed_two_days_earlier(pack: Pack) -> None:
    assert told(pack, LATE, "refund_full").startswith(LATE_EN)


def test_the_same_in_indonesian(pack: Pack) -> None:
    assert LATE_ID in told(pack, LATE, "refund_full", language="id")


def test_an_amount_is_moved_just_to_the_boundary(pack: Pack) -> None:
    text = told(pack, LARGE, "refund_full")
    assert "the amount paid: SGD 64.90; at most SGD 10.00 (`small_amount`) is needed" in text
    assert "if the amount paid were SGD 10.00, not SGD 64.90." in text


def test_an_answer_that_was_not_given_is_a_change(pack: Pack) -> None:
    text = told(pack, LARGE, "refund_full")
    assert 'if the seller had answered "approved" at 12 May 2026 20:00 UTC+08:00.' in text


def test_an_answer_that_was_given_may_be_taken_back(pack: Pack) -> None:
    text = told(pack, REFUSED, "return_and_refund")
    assert 'if the seller had not answered "rejected".' in text


def test_a_party_sees_no_rule_names_and_nothing_private(pack: Pack) -> None:
    text = told(pack, REFUSED, "refund_full", "seller")
    assert "`" not in text
    assert "12 days" not in text
    assert "account" not in text


def test_the_outcome_it_has_already_is_said_to_be_so(pack: Pack) -> None:
    assert told(pack, LATE, "deny").splitlines() == [
        "Why not: request refused",
        "The ruling is just that: request refused.",
    ]


def test_what_no_rule_concludes_is_refused(pack: Pack) -> None:
    with pytest.raises(InputError, match=r"no rule concludes `refund_ful`\. Did you mean"):
        why_not(pack, case_of(pack, LATE), "refund_ful")


def test_the_search_stops_at_its_limit_and_says_so(pack: Pack) -> None:
    found = why_not(pack, case_of(pack, LARGE), "release_to_seller", most=3)
    assert (found.tries, found.given_up) == (3, True)
    assert "stopped at its limit: 3 changed cases" in told_why_not(found, pack, "agent", "en")


# -- laws -----------------------------------------------------------------------------------


def cases_of(name: str, every: int) -> list[tuple[str, object]]:
    files = own_case_files(RULES / name)
    listed = [case for file in files for case in load_scenarios(file, name)]
    return [(case.id, case.given) for case in listed[::every]]


def refuse_wrong_suggestions(pack: Pack, found: WhyNot) -> None:
    for one in found.suggestions:
        case = read_case_file(one.data, pack.table).case_at()
        ruling = pack.engine.decide(case)
        assert same_outcome(ruling.decision, found.outcome)
        assert 1 <= len(one.changes) <= 2
        if len(one.changes) == 2 and found.suggestions[0].changes[0].rank[0] < HUMAN:
            first = whynot.write_case_file(found.values.case, pack.table)
            assert not same_outcome(_decision(pack, applied(first, one.changes[:1])), found.outcome)


def _decision(pack: Pack, data: object) -> str:
    return pack.engine.decide(read_case_file(data, pack.table).case_at()).decision


@pytest.mark.parametrize(
    ("name", "every"),
    [
        pytest.param("lazada_sg_drtm", 15, id="some cases of Lazada"),
        pytest.param("tokopedia_shop", 60, id="some cases of Tokopedia"),
        pytest.param("lazada_sg_drtm", 1, id="all cases of Lazada", marks=pytest.mark.slow),
        pytest.param("tokopedia_shop", 1, id="all cases of Tokopedia", marks=pytest.mark.slow),
    ],
)
def test_every_suggestion_really_gives_the_outcome_and_needs_each_of_its_changes(
    name: str, every: int
) -> None:
    pack = pack_of(name)
    suggested = 0
    for id_, given in cases_of(name, every):
        case = read_case_file(given, pack.table, id_).case_at()
        for outcome in OUTCOMES:
            found = why_not(pack, case, outcome)
            assert found.tries <= whynot.MAX_TRIES
            refuse_wrong_suggestions(pack, found)
            suggested += len(found.suggestions)
            for reader in ("agent", "buyer", "seller"):
                for language in ("id", "en"):
                    assert told_why_not(found, pack, reader, language)  # type: ignore[arg-type]
    assert suggested > 8


def test_the_search_tries_the_same_each_time(pack: Pack) -> None:
    first = why_not(pack, case_of(pack, LARGE), "release_to_seller")
    again = why_not(pack, case_of(pack, LARGE), "release_to_seller")
    assert first.suggestions
    assert replace(first, values=again.values) == again
