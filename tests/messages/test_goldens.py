"""Whole messages as they go out, word by word: two of them in each form."""

from pathlib import Path

import pytest

from reso.cases import Pack, load_pack, load_scenarios, own_case_files
from reso.facts.reader import read_case_file
from reso.messages import FORMS, Messenger, render
from reso.messages.render import Form
from reso.model.money import Language
from reso.study.telling import Reader

ROOT = Path(__file__).parents[2]
TEXTS = Path(__file__).with_name("golden")

MESSAGES: tuple[tuple[str, Reader, Language], ...] = (
    ("TS-161", "buyer", "id"),
    ("TS-301", "seller", "en"),
)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(ROOT / "rules" / "tokopedia_shop")


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize(("case_id", "reader", "language"), MESSAGES, ids=[m[0] for m in MESSAGES])
def test_a_message_reads_word_by_word(
    pack: Pack, case_id: str, reader: Reader, language: Language, form: Form
) -> None:
    files = own_case_files(pack.folder)
    scenarios = [case for file in files for case in load_scenarios(file, pack.policy.name)]
    scenario = next(case for case in scenarios if case.id == case_id)
    case = read_case_file(scenario.given, pack.table, case_id).case_at()
    proposal = pack.settler.propose(case)
    deadline = proposal.ruling.deadline
    then = None if deadline is None else pack.engine.decide(case, deadline)
    message = Messenger(pack).message(case, proposal, reader, language, then=then)
    golden = TEXTS / f"{case_id}.{form}.txt"
    assert render(message, form) == golden.read_text(encoding="utf-8")
