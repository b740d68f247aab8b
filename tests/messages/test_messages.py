"""Messages: what each party reads of real cases, in every form, and what he never reads."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from email import message_from_string
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from reso.cases import Pack
from reso.facts.reader import read_case_file
from reso.messages import FORMS, Message, Messenger, render
from reso.messages.render import LONGEST_PUSH
from reso.model.case import Case
from reso.model.money import Language
from reso.model.proposal import Proposal
from reso.study.telling import Reader
from tests.shipped import PACKS, pack_of, proposals_of

READERS: tuple[Reader, ...] = ("buyer", "seller")
LANGUAGES: tuple[Language, ...] = ("id", "en")


LARGE = 300
"""Cases of a pack above which only cases unlike each other are told, but to the slow tests."""

each_pack = pytest.mark.parametrize("name", PACKS)
each_pack_whole = pytest.mark.parametrize(
    ("name", "whole"),
    [
        *(pytest.param(name, False, id=name) for name in PACKS),
        pytest.param("marketplace", True, id="every case of marketplace", marks=pytest.mark.slow),
    ],
)


def unlike(proposals: Mapping[str, tuple[Case, Proposal]]) -> list[str]:
    """Return one case of each kind: of those ruled alike for the same reasons the first."""
    kinds: dict[Hashable, str] = {}
    for id_, (_, proposal) in proposals.items():
        ruling = proposal.ruling
        reasons = tuple(reason.name for reason in ruling.reasons)
        kind = (ruling.decision, ruling.settled, reasons, proposal.consent is None)
        kinds.setdefault(kind, id_)
    return list(kinds.values())


@cache
def written(name: str, *, whole: bool = False) -> list[tuple[str, Proposal, Message]]:
    messenger, proposals = Messenger(pack_of(name)), proposals_of(name)
    told = proposals if whole or len(proposals) <= LARGE else unlike(proposals)
    return [
        (id_, proposals[id_][1], messenger.message(*proposals[id_], reader, language))
        for id_ in told
        for reader in READERS
        for language in LANGUAGES
    ]


@each_pack_whole
def test_every_case_is_told_whole_to_both_parties_in_both_languages(name: str, whole: bool) -> None:
    for id_, _, message in written(name, whole=whole):
        assert message.subject, id_
        assert message.says, id_
        assert message.why, id_
        for sentence in message.sentences():
            assert "{" not in sentence, (id_, sentence)
            assert "None" not in sentence, (id_, sentence)
            assert sentence == sentence.strip(), (id_, sentence)


@each_pack_whole
def test_every_form_of_every_message_can_go_out(name: str, whole: bool) -> None:
    for id_, _, message in written(name, whole=whole):
        texts = {form: render(message, form) for form in FORMS}
        assert all(text.endswith("\n") for text in texts.values()), id_
        title, _, body = texts["push"].partition("\n")
        assert title == message.subject, id_
        assert len(body.strip()) <= LONGEST_PUSH, id_
        mail = message_from_string(texts["email"])
        assert mail["Subject"], id_
        assert "http" not in texts["chat"], id_


@each_pack_whole
def test_no_amount_is_told_while_an_open_question_could_change_it(name: str, whole: bool) -> None:
    for id_, proposal, message in written(name, whole=whole):
        if not proposal.ruling.settled or proposal.ruling.decision == "escalate":
            assert not message.money, id_
            assert not proposal.legs, id_


@each_pack
def test_a_party_sees_no_evidence_of_the_other_beyond_its_type(name: str) -> None:
    messenger = Messenger(pack_of(name))
    for id_, (case, proposal) in proposals_of(name).items():
        for piece in case.lists.get("evidence", ()):
            shows = str(piece.get("shows") or "")
            other: Reader = "seller" if piece.get("party") == "buyer" else "buyer"
            if len(shows) < 8:
                continue
            for language in LANGUAGES:
                message = messenger.message(case, proposal, other, language)
                assert shows not in "\n".join(message.sentences()), id_


# One case, word by word

CASE = {
    "claim": {
        "type": "damaged",
        "requested": "refund",
        "filed_at": "2026-03-10T20:15:00+08:00",
    },
    "order": {
        "currency": "SGD",
        "items_subtotal": 32.4,
        "shipping_paid_by_buyer": 1.49,
        "total_paid": 33.89,
        "placed_at": "2026-03-02T09:00:00+08:00",
    },
    "tracking": [{"at": "2026-03-09T12:00:00+08:00", "event": "delivered"}],
    "now": "2026-03-11T08:00:00+08:00",
}


@pytest.fixture(scope="module")
def lazada() -> Pack:
    return pack_of("lazada_sg_drtm")


def message(
    pack: Pack, reader: Reader, language: Language, at: str, zone: str | None = None
) -> Message:
    case = read_case_file(CASE, pack.table, "case").case_at(datetime.fromisoformat(at))
    proposal = pack.settler.propose(case)
    chosen = None if zone is None else ZoneInfo(zone)
    return Messenger(pack).message(case, proposal, reader, language, chosen)


SETTLED = "2026-03-13T08:00:00+08:00"


def test_the_buyer_is_told_what_comes_back_and_that_he_need_do_nothing(lazada: Pack) -> None:
    told = message(lazada, "buyer", "en", SETTLED)
    assert told.subject == "You get your money back: SGD 33.89"
    assert told.says == ("Good news: you get all your money back, SGD 33.89.",)
    assert told.next[-1] == "There is nothing you need to do."


def test_the_seller_is_told_the_same_without_blame(lazada: Pack) -> None:
    told = message(lazada, "seller", "id", SETTLED)
    assert told.subject == "Pembeli menerima kembali SGD 33,89"
    assert "salah" not in " ".join(told.sentences()).lower()


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        pytest.param(None, "12 Mar 2026 20:15", id="policy"),
        pytest.param("Asia/Jakarta", "12 Mar 2026 19:15 WIB", id="west"),
        pytest.param("Asia/Jayapura", "12 Mar 2026 21:15 WIT", id="east"),
    ],
)
def test_a_deadline_is_shown_on_the_readers_own_clock(
    lazada: Pack, zone: str | None, shown: str
) -> None:
    told = message(lazada, "seller", "id", "2026-03-11T08:00:00+08:00", zone)
    assert any(shown in line for line in told.next), told.next
