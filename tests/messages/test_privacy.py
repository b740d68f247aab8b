"""What a party never reads: the other party's data and what the other's evidence shows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reso.cases import Pack, load_pack, own_case_files
from reso.errors import InputError
from reso.facts.fields import Field
from reso.facts.reader import read_case_file
from reso.messages import FORMS, Messenger, render
from reso.model.money import Language
from reso.study.telling import PRIVATE, Reader
from tests.shipped import PACKS, RULES, cases_of, pack_of

READERS: tuple[Reader, ...] = ("buyer", "seller")
LANGUAGES: tuple[Language, ...] = ("id", "en")

# A value of each type that nothing else in a case has, and how it would look in a message
MARKS: Mapping[str, tuple[object, tuple[str, ...]]] = {
    "integer": (4718293, ("4718293", "4.718.293", "4,718,293")),
    "money": (4718293, ("4718293", "4.718.293", "4,718,293")),
    "instant": ("2031-07-23T11:07:00+07:00", ("2031",)),
    "date": ("2031-07-23", ("2031",)),
    "text": ("zirconium", ("zirconium",)),
}
RATES = {"percent": 73.91, "share": 0.7391}
SHOWN_RATE = ("73.91", "73,91", "0.7391", "0,7391")


@dataclass(frozen=True)
class Secret:
    """A field that is one party's own, marked in a case."""

    owner: Reader
    field: Field

    @property
    def told(self) -> tuple[str, ...]:
        return SHOWN_RATE if self.field.type == "rate" else MARKS[self.field.type][1]

    @property
    def value(self) -> object:
        if self.field.type == "rate":
            return RATES[str(self.field.unit)]
        return MARKS[self.field.type][0]


@cache
def secrets(name: str) -> tuple[Secret, ...]:
    """Return every field of a pack that is private to a party and can be marked."""
    return tuple(_secrets(pack_of(name)))


def _secrets(pack: Pack) -> Iterator[Secret]:
    owners: tuple[tuple[Reader, Reader], ...] = (("buyer", "seller"), ("seller", "buyer"))
    for owner, reader in owners:
        sections = (pack.table.sections.get(name) for name in PRIVATE[reader])
        for known in (field for part in sections if part for field in part.fields.values()):
            if known.type in MARKS or (known.type == "rate" and known.unit in RATES):
                yield Secret(owner, known)


def given_cases(name: str) -> list[Mapping[str, object]]:
    return [case.given for case in cases_of(name)]


def marked(given: Mapping[str, object], secret: Secret) -> dict[str, object]:
    """Return a case file with a private field set to its mark."""
    field = secret.field
    section = dict(given.get(field.section) or {})  # type: ignore[call-overload]
    part, _, rest = field.name.partition(".")
    if rest:
        section[part] = {**(section.get(part) or {}), rest: secret.value}
    else:
        section[part] = secret.value
    return {**given, field.section: section}


def texts(pack: Pack, given: Mapping[str, object], reader: Reader) -> str:
    """Return everything one party can read of a case, in every form and both languages."""
    case = read_case_file(given, pack.table, "privacy").case_at()
    proposal = pack.settler.propose(case)
    deadline = proposal.ruling.deadline
    later = proposal.ruling if deadline is None else pack.engine.decide(case, deadline)
    messenger = Messenger(pack)
    written = [messenger.message(case, proposal, reader, lang, then=later) for lang in LANGUAGES]
    return "\n".join(render(message, form) for message in written for form in FORMS)


@pytest.mark.parametrize("name", PACKS)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_no_private_value_of_one_party_is_told_to_the_other(name: str, data: st.DataObject) -> None:
    pack, known = pack_of(name), secrets(name)
    given_case = data.draw(st.sampled_from(given_cases(name)), label="case")
    chosen = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4), label="secrets")
    whole = dict(given_case)
    for secret in chosen:
        whole = marked(whole, secret)
    for reader in READERS:
        try:
            read = texts(pack, whole, reader)
        except InputError:
            return  # a mark that no case can hold beside what this one says
        for secret in chosen:
            if secret.owner != reader:
                assert not [told for told in secret.told if told in read], secret.field.path


SOME_EVIDENCE = re.compile(r"evidence:[ \n]*(-|\[ *[^ \]])")


def has_evidence(name: str) -> bool:
    """Whether a list of it begins in the cases of a pack: to read them all takes seconds."""
    return any(
        SOME_EVIDENCE.search(path.read_text("utf-8")) for path in own_case_files(RULES / name)
    )


WITH_EVIDENCE = [name for name in PACKS if has_evidence(name)]
"""The packs some case of which has evidence."""

EVIDENCE = {"shows": "zirconium", "value": 4718293}


@pytest.mark.parametrize("name", WITH_EVIDENCE)
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_what_a_piece_of_evidence_shows_is_told_to_who_handed_it_in_at_most(
    name: str, data: st.DataObject
) -> None:
    pack = pack_of(name)
    with_evidence = [case for case in given_cases(name) if case.get("evidence")]
    given_case = data.draw(st.sampled_from(with_evidence), label="case")
    for reader in READERS:
        pieces = [
            {**piece, **EVIDENCE} if piece.get("party") != reader else piece
            for piece in given_case["evidence"]  # type: ignore[attr-defined]
        ]
        read = texts(pack, {**given_case, "evidence": pieces}, reader)
        assert "zirconium" not in read
        assert not [told for told in MARKS["money"][1] if told in read]


@pytest.mark.parametrize("name", PACKS)
def test_no_evidence_of_a_pack_is_overlooked(name: str) -> None:
    found = any(case.get("evidence") for case in given_cases(name))
    assert found == (name in WITH_EVIDENCE)


@pytest.mark.parametrize("name", PACKS)
def test_there_are_secrets_to_keep(name: str) -> None:
    owners = {secret.owner for secret in secrets(name)}
    assert owners == {"buyer", "seller"}


ASKING = """
chapters: {request: {when: claim is known, opens_at: claim.filed_at}}
questions:
  second_thoughts:
    for: request
    to: buyer
    asks:
      id: "Akun penjual berumur {seller.account_age_days} hari; apakah pembeli mau menarik keluhan?"
      en: "The seller's account is {seller.account_age_days} days old; does the buyer withdraw?"
    lasts: 48 hours
    answers: {gives_up: cancel_complaint}
    silence_means: stays
rules: {r: {for: request, when: claim is known, conclude: release_to_seller}}
effects: {x: second_thoughts.deadline}
inputs: {seller: {account_age_days: {type: integer, unit: days, meaning: "age of the account"}}}
"""


def test_what_a_party_may_do_is_told_without_the_others_data(tmp_path: Path) -> None:
    header = "policy: small\ncurrency: IDR\ntime_zone: Asia/Jakarta\notherwise: escalate\n"
    (tmp_path / "policy.yaml").write_text(header + ASKING, encoding="utf-8")
    pack = load_pack(tmp_path)
    given_case = {
        "order": {"currency": "IDR", "total_paid": 5000, "placed_at": "2026-03-01T08:00+07:00"},
        "claim": {"type": "damaged", "filed_at": "2026-03-02T10:00+07:00"},
        "seller": {"account_age_days": 4718293},
        "now": "2026-03-02T11:00+07:00",
    }
    read = texts(pack, given_case, "buyer")
    assert "4 Mar 2026" in read, "the right and its clock are told"
    assert not [told for told in MARKS["integer"][1] if told in read]
