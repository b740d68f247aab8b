"""A ruling told to the buyer, to the seller and to an agent."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from reso.cases import Pack
from reso.cli import app
from reso.model.money import Language
from reso.study.readers import told_for
from reso.study.telling import Reader
from tests.study.shop import LARGE, REFUSED, case_of, shop, write_shop


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return shop(tmp_path_factory.mktemp("shop") / "shop")


def told(pack: Pack, case: str, reader: Reader, language: Language = "en") -> str:
    read = case_of(pack, case)
    ruling = pack.engine.decide(read)
    return told_for(pack, read, ruling, reader, language, None)


TO_THE_SELLER = """\
The money goes to you.

Why
- This rests on data of the other side, which is not shown.
  It rests on: The buyer can file a request within 7 days. \
(HELP-1, https://my-shop.example/help/returns)

Evidence
- Not used: photo from the buyer.
- Not used: your video of the packing, because it does not prove what it should show."""
TO_THE_BUYER = """\
Permintaan Anda tidak dapat kami kabulkan: uangnya diteruskan kepada penjual.

Mengapa
- Akun pembeli baru berumur 12 hari.
  Dasarnya: Pembeli dapat mengajukan permintaan dalam 7 hari. \
(HELP-1, https://my-shop.example/help/returns)

Bukti
- Tidak dipakai: foto dari Anda, karena belum membuktikan apa yang seharusnya ditunjukkan.
- Tidak dipakai: video saat mengemas dari penjual."""


def test_the_seller_sees_neither_the_buyers_data_nor_what_his_evidence_lacks(pack: Pack) -> None:
    assert told(pack, REFUSED, "seller") == TO_THE_SELLER


def test_the_buyer_sees_his_own(pack: Pack) -> None:
    assert told(pack, REFUSED, "buyer", "id") == TO_THE_BUYER


@pytest.mark.parametrize(
    ("reader", "line"),
    [
        ("buyer", "Please send the goods back to the seller; then you get your money back"),
        ("seller", "The buyer sends the goods back to you; then the buyer gets the money back"),
        ("agent", "The goods go back to the seller, then the buyer gets the money back"),
    ],
)
def test_each_reader_is_addressed(pack: Pack, reader: Reader, line: str) -> None:
    assert told(pack, LARGE, reader).splitlines()[0].startswith(line)


def test_the_agent_sees_rules_conditions_and_questions(pack: Pack) -> None:
    text = told(pack, REFUSED, "agent")
    assert "Chapter: request" in text
    assert "- young_account: decided [HELP-1]\n  seller_answer is reject: yes\n" in text
    assert "- seller_answer (the seller): answered, rejected, until 12 May 2026 20:00" in text


def test_explain_takes_the_reader_and_the_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_shop(tmp_path / "shop")
    (tmp_path / "case.yaml").write_text(REFUSED, encoding="utf-8")
    asked = ["explain", "case.yaml", "--policy", "shop", "--lang", "en"]
    result = CliRunner().invoke(app, [*asked, "--for", "seller"])
    assert (result.stdout, result.exit_code) == (f"{TO_THE_SELLER}\n", 0)
    result = CliRunner().invoke(app, [*asked, "--why-not", "refund_full"])
    assert result.stdout.startswith("Why not: full refund\n")
    result = CliRunner().invoke(app, [*asked, "--why-not", "refund_fll"])
    assert (result.stderr, result.exit_code) == (
        "--why-not: no rule concludes `refund_fll`. Did you mean `refund_full`?\n",
        2,
    )
