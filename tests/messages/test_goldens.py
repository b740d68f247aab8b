"""Whole messages as they go out, word by word: two of them in each form."""

from pathlib import Path

import pytest

from reso.messages import FORMS, Messenger, render
from reso.messages.render import Form
from reso.model.money import Language
from reso.study.telling import Reader
from tests.shipped import pack_of, proposals_of

ROOT = Path(__file__).parents[2]
TEXTS = Path(__file__).with_name("golden")

MESSAGES: tuple[tuple[str, Reader, Language], ...] = (
    ("TS-161", "buyer", "id"),
    ("TS-301", "seller", "en"),
)


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize(("case_id", "reader", "language"), MESSAGES, ids=[m[0] for m in MESSAGES])
def test_a_message_reads_word_by_word(
    case_id: str, reader: Reader, language: Language, form: Form
) -> None:
    pack = pack_of("tokopedia_shop")
    case, proposal = proposals_of("tokopedia_shop")[case_id]
    deadline = proposal.ruling.deadline
    then = None if deadline is None else pack.engine.decide(case, deadline)
    message = Messenger(pack).message(case, proposal, reader, language, then=then)
    golden = TEXTS / f"{case_id}.{form}.txt"
    assert render(message, form) == golden.read_text(encoding="utf-8")
