"""Clumsy and hostile case files: what their authors are told, and that nothing else happens."""

from pathlib import Path

import pytest

from reso.cases import Pack
from reso.errors import ResoError
from reso.facts.reader import History, load_case_path, read_case_file
from tests.shipped import pack_of

SAVE = "Save the file as UTF-8."
OFFSET = "Write the instant like 2026-04-16T10:00+07:00."
CASE = """\
claim: {type: not_received, requested: refund, filed_at: "2026-03-10T20:15:00+08:00"}
order: {currency: IDR, items_subtotal: 32000, total_paid: 33000}
now: "2026-03-13T08:00:00+08:00"
"""
JSON = '{"order": {"currency": "IDR", "total_paid": %s}, "now": "2026-03-13T08:00:00+08:00"}'


def shipped() -> Pack:
    """Return the pack whose facts the cases may use."""
    return pack_of("tokopedia_shop")


def read(raw: str | bytes, folder: Path, name: str = "case.yaml") -> History:
    """Read a case from a file."""
    path = folder / name
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return read_case_file(load_case_path(path), shipped().table, file=name)


def told(raw: str | bytes, folder: Path, name: str = "case.yaml") -> str:
    """Return the first line of what the author of a case is told."""
    with pytest.raises(ResoError) as caught:
        read(raw, folder, name)
    return str(caught.value).splitlines()[0].removeprefix(f"{folder}/")


def changed(old: str, new: str) -> str:
    """Return the case with one thing in it changed."""
    assert old in CASE
    return CASE.replace(old, new)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(changed("33000", "-5"), "case.yaml: order.total_paid: -5 IDR is negative. "
                     "Write zero or more here.", id="negative money"),
        pytest.param(changed("IDR", "XYZ"), "case.yaml: order.currency: `XYZ`: no such currency. "
                     "Write its ISO 4217 code, such as `IDR`.", id="unknown currency"),
        pytest.param(changed("IDR", "rupiah"), "case.yaml: order.currency: `rupiah`: no such "
                     "currency. Write its ISO 4217 code, such as `IDR`.", id="a currency's name"),
        pytest.param(changed("currency: IDR, ", ""), "case.yaml: order.currency: missing, but "
                     "`order.items_subtotal` and 1 more needs it. "
                     "Write an ISO 4217 code such as IDR.", id="no currency"),
        pytest.param(changed("33000", "'33.000,00'"), "case.yaml: order.total_paid: `33.000,00` "
                     "is not an amount of money. Write a plain number such as 1250000 or 50.10.",
                     id="money as Indonesians write it"),
        pytest.param(changed("33000", "Rp33.000"), "case.yaml: order.total_paid: `Rp33.000` "
                     "is not an amount of money. Write a plain number such as 1250000 or 50.10.",
                     id="money with its sign"),
        pytest.param(changed("33000", ".nan"), "case.yaml: order.total_paid: `.nan` "
                     "is not an amount of money. Write a plain number such as 1250000 or 50.10.",
                     id="no number"),
        pytest.param(changed("33000", ".inf"), "case.yaml: order.total_paid: `.inf` "
                     "is not an amount of money. Write a plain number such as 1250000 or 50.10.",
                     id="infinity"),
        pytest.param(changed("33000", "1e39"), "case.yaml: order.total_paid: an amount above "
                     "1,000,000,000,000,000 minor units of IDR is no price. Check its unit.",
                     id="a huge number"),
        pytest.param(changed("33000", "9" * 10_000), f"case.yaml:2:59: `{'9' * 39}…` is no number "
                     "of a case", id="a number of 10,000 digits"),
        pytest.param(changed("T08:00:00+08:00", "T08:00:00"), "case.yaml: now: "
                     f"`2026-03-13T08:00:00` has no UTC offset. {OFFSET}", id="no offset"),
        pytest.param(changed("2026-03-13T08:00:00+08:00", "13/03/2026"), "case.yaml: now: "
                     "`13/03/2026` is not an instant. Write it like 2026-04-16T10:00+07:00.",
                     id="a day as people write it"),
        pytest.param(changed("2026-03-10T20:15:00", "0001-01-01T00:00:00"),
                     "case.yaml: claim.filed_at: `0001-01-01T00:00:00+08:00` is outside the years "
                     "1-9999 in UTC", id="before the first day"),
        pytest.param(changed("total_paid", "totl_paid"), "case.yaml: order.totl_paid: unknown "
                     "field. Did you mean `order.total_paid`?", id="unknown field"),
        pytest.param("claim: [1]\n", "case.yaml: claim: is a list, where a mapping is needed",
                     id="a list for a mapping"),
        pytest.param("tracking: {}\n", "case.yaml: tracking: is a mapping, where a list is needed. "
                     "Write it as a list.", id="a mapping for a list"),
        pytest.param("order: {}\norder: {}\n", "case.yaml:2:1: `order` stands twice in one mapping",
                     id="a key twice"),
        pytest.param(CASE.encode("utf-16"),
                     f"case.yaml: the file seems to be in UTF-16, not in UTF-8. {SAVE}",
                     id="UTF-16"),
        pytest.param(CASE.encode("utf-16-be"),
                     f"case.yaml: the file seems to be in UTF-16, not in UTF-8. {SAVE}",
                     id="UTF-16 without a mark"),
        pytest.param("# caf\xe9".encode("latin-1"), f"case.yaml:1: byte 0xe9 is not UTF-8. {SAVE}",
                     id="Latin-1"),
        pytest.param(f"<<<<<<< HEAD\n{CASE}", "case.yaml:1:1: a merge was not finished: this line "
                     "begins with `<<<<<<<`. Keep one side, and take out the lines with <<<<<<<, "
                     "======= and >>>>>>>.", id="marks of a merge"),
        pytest.param(CASE + "\0", "case.yaml:4:1: the character U+0000 cannot stand in a file. "
                     "Take it out.", id="NUL"),
        pytest.param("", "case.yaml: is empty. A case file is a mapping of sections.", id="empty"),
        pytest.param('a: "\\U00110000"', "case.yaml: not readable as YAML: an escape that stands "
                     "for no character", id="an escape beyond Unicode"),
    ],
)  # fmt: skip
def test_yaml(text: str | bytes, said: str, tmp_path: Path) -> None:
    assert told(text, tmp_path) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(JSON % "NaN", "not readable as JSON: `NaN` is no number of a case", id="NaN"),
        pytest.param(JSON % "-Infinity", "not readable as JSON: `-Infinity` is no number of a case",
                     id="Infinity"),
        pytest.param(JSON % ("9" * 5_000), f"not readable as JSON: `{'9' * 39}…` is no number of a "
                     "case", id="a number of 5,000 digits"),
        pytest.param(JSON % "true", "order.total_paid: `True` is not an amount of money. "
                     "Write a plain number such as 1250000 or 50.10.", id="yes as money"),
        pytest.param(JSON % '1, "total_paid": 2', "not readable as JSON: `total_paid` stands twice "
                     "in one object", id="a key twice"),
        pytest.param(JSON % ("[" * 60 + "]" * 60), "not readable as JSON: nested deeper than 50 "
                     "levels", id="60 levels"),
        pytest.param('{"\\ud800": 1}', "`�`: unknown field. A policy pack declares its own under "
                     "`inputs`.", id="half a surrogate pair"),
        pytest.param("[]", "holds a list. A case file is a mapping of sections.", id="a list"),
    ],
)  # fmt: skip
def test_json(text: str, said: str, tmp_path: Path) -> None:
    assert told(text, tmp_path, "case.json") == f"case.json: {said}"


def test_a_circle_of_links_is_told(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.symlink_to(path)
    with pytest.raises(ResoError) as caught:
        load_case_path(path)
    assert str(caught.value) == (
        f"{path}: cannot be read (Too many levels of symbolic links). Check the path."
    )


def test_what_happens_after_now_is_told_and_not_yet_known(tmp_path: Path) -> None:
    history = read(changed("2026-03-13", "2026-03-05"), tmp_path)
    assert history.notices == ("claim.filed_at: dated after `now`, so not known yet.",)
    assert history.case_at().fields.get("claim.type") is None


@pytest.mark.parametrize("last", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"])
def test_instants_at_the_ends_of_the_calendar_are_ruled_on_and_shown(
    tmp_path: Path, last: str
) -> None:
    text = changed("2026-03-10T20:15:00+08:00", last).replace("2026-03-13T08:00:00+08:00", last)
    ruling = shipped().engine.decide(read(text, tmp_path).case_at())
    assert shipped().explainer.explain(ruling, "id").headline
