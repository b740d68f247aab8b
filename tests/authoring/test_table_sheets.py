"""`reso table` takes a parameter to a spreadsheet and back, and nothing is lost."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from reso.authoring.edits import Edits, merge
from reso.authoring.sheets import csv_text, read_sheet
from reso.authoring.spans import Plain, plain, read_spans
from reso.authoring.tables import export_rows, plan_import
from reso.policy.loader import check_pack
from tests.authoring.conftest import Reso

PACK = "rules/shop"
FILE = Path(PACK, "policy.yaml")


def extend(text: str) -> None:
    """Give the pack more parameters."""
    before = FILE.read_text(encoding="utf-8")
    FILE.write_text(before.replace("\nparameters:\n", f"\nparameters:\n{text}"), encoding="utf-8")


NESTED = """\
  nested:
    # by tier, then by service
    by: order.seller_tier
    mall: {by: shipping.service, instant: 1 calendar day, otherwise: 2 calendar days}  # Mall
    "star_plus, non_mall":
      by: shipping.service
      standard: {before: 3 calendar days, 2026-01-01: 4 calendar days}
      otherwise: 5 calendar days
    otherwise: 6 calendar days
"""
NESTED_CSV = """\
order.seller_tier,shipping.service,from,value
mall,instant,,1 calendar day
mall,otherwise,,2 calendar days
"star_plus, non_mall",standard,before,3 calendar days
"star_plus, non_mall",standard,2026-01-01,4 calendar days
"star_plus, non_mall",otherwise,,5 calendar days
otherwise,,,6 calendar days
"""


def test_a_table_is_written_as_rows(reso: Reso) -> None:
    extend(NESTED)
    assert reso("table", "export", PACK, "nested").stdout == NESTED_CSV


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_comes_back_unchanged(reso: Reso, kind: str) -> None:
    extend(NESTED)
    before = FILE.read_bytes()
    for name in ("nested", "length", "buyers"):
        out = f"{name}.{kind}"
        assert reso("table", "export", PACK, name, "--out", out).exit_code == 0
        back = reso("table", "import", PACK, name, out)
        assert back.stdout == f"{FILE}: it says so already; nothing to change\n"
    assert FILE.read_bytes() == before


def test_only_what_differs_is_changed(reso: Reso) -> None:
    extend(NESTED)
    before = FILE.read_text(encoding="utf-8")
    text = NESTED_CSV.replace("2 calendar days", "3 business days")
    text = text.replace("otherwise,,,6", "regular,,,7 calendar days\notherwise,,,6")
    Path("t.csv").write_text(text, encoding="utf-8")
    done = reso("table", "import", PACK, "nested", "t.csv")
    assert (done.exit_code, done.stderr) == (0, "")
    expected = before.replace("otherwise: 2 calendar days}", "otherwise: 3 business days}")
    last = "    otherwise: 6 calendar days\n"
    assert FILE.read_text(encoding="utf-8") == expected.replace(
        f"      otherwise: 5 calendar days\n{last}",
        f"      otherwise: 5 calendar days\n    regular: 7 calendar days\n{last}",
    )
    assert check_pack(Path(PACK))[1] == []


def test_what_excel_makes_of_a_csv_is_read(reso: Reso) -> None:
    Path("e.csv").write_bytes(
        b"\xef\xbb\xbfsep=;\r\norder.seller_tier;Value;\r\n;;\r\n"
        b"mall;45\xc2\xa0calendar  days;\r\n\xe2\x80\x8botherwise;9 calendar days\r\n;;\r\n"
    )
    assert reso("table", "import", PACK, "buyer_window", "e.csv").exit_code == 0
    assert export_rows(Path(PACK), "buyer_window")[1:] == [
        ["mall", "45 calendar days"],
        ["otherwise", "9 calendar days"],
    ]


def test_cells_of_excel_are_texts_and_read_as_what_they_show(reso: Reso) -> None:
    reso("table", "export", PACK, "rate", "--out", "r.xlsx")
    book = load_workbook("r.xlsx")
    assert book.active is not None
    assert book.active["A2"].number_format == "@"
    book.active["A2"] = 0.35
    book.active["A2"].number_format = "0%"
    book.save("r.xlsx")
    assert reso("table", "import", PACK, "rate", "r.xlsx").exit_code == 0
    assert export_rows(Path(PACK), "rate") == [["value"], ["35%"]]


HEAD = "order.seller_tier,from,value\n"
REFUSED = [
    pytest.param(
        "order.seller_tier,value\nmall,6 hari kalender\n",
        "t.csv: row 2, column `value`: `6 hari kalender` is not in the words of policies. "
        "Write `6 calendar days`.",
        id="Indonesian",
    ),
    pytest.param(
        "order.seller_tier,value\nmall,6 days\n",
        "t.csv: row 2, column `value`: `6 days`: did not expect `days` here. "
        "Say `calendar days` or `business days`.",
        id="which days",
    ),
    pytest.param(
        "order.seller_tier,value\nmall,Rp 5.000\n",
        "t.csv: row 2, column `value`: `Rp 5.000`: did not expect `5.000` here. "
        "Write it like the values that are there.",
        id="an amount as Excel shows it",
    ),
    pytest.param(
        "order.seller_tier,value\n\nmaal,6 calendar days\n",
        't.csv: row 3, column `order.seller_tier`: "maal" is not one of mall, star_plus, '
        "non_mall, regular. Did you mean `mall`?",
        id="no such key",
    ),
    pytest.param(
        HEAD + "mall,24/10/2025,6 calendar days\n",
        "t.csv: row 2, column `from`: `24/10/2025` is not a day. Write 2025-10-24.",
        id="a day as Excel writes it",
    ),
    pytest.param(
        HEAD + "mall,03/04/2025,6 calendar days\n",
        "t.csv: row 2, column `from`: `03/04/2025` is not a day. "
        "Write it like 2026-03-18, or `before`.",
        id="a day that could be two",
    ),
    pytest.param(
        HEAD + "mall,2025-10-24,6 calendar days\nmall,,7 calendar days\n",
        "t.csv: row 3, column `from`: the cell is empty, but not in row 2, which goes with it. "
        "Write `before` or a day.",
        id="no day",
    ),
    pytest.param(
        HEAD + "mall,,6 calendar days\nmall,,7 calendar days\n",
        "t.csv: row 3: the value is given twice, in row 2, too. Remove or fill one.",
        id="twice",
    ),
    pytest.param(
        HEAD + "mall,,\n",
        "t.csv: row 2, column `value`: the cell is empty. Every row needs a value.",
        id="no value",
    ),
    pytest.param(
        "order.seller_tir,value\nmall,6 calendar days\n",
        "t.csv: `buyer_window` has no column `order.seller_tir`. Did you mean `order.seller_tier`?",
        id="no such column",
    ),
    pytest.param(
        "mall,6 calendar days\n",
        "t.csv: its first row names no column `value`. The columns are order.seller_tier, value.",
        id="no names",
    ),
    pytest.param(
        "order.seller_tier,value\nstar_plus, non_mall,6 calendar days\n",
        "t.csv: row 2: more cells than the 2 columns have names. "
        'Put a value that holds a comma in quotes: "a, b".',
        id="a comma without quotes",
    ),
    pytest.param(
        "\n,,\n", "t.csv: the sheet is empty. Begin with `reso table export`.", id="empty"
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_sheet_that_cannot_be_used_is_refused_with_row_and_column(
    reso: Reso, text: str, message: str
) -> None:
    before = FILE.read_bytes()
    Path("t.csv").write_text(text, encoding="utf-8")
    done = reso("table", "import", PACK, "buyer_window", "t.csv")
    assert (done.stdout, done.stderr) == ("", message + "\n")
    assert done.exit_code == 2
    assert FILE.read_bytes() == before


def test_a_formula_is_no_value(reso: Reso) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["value"])
    book.active.append(["=1+1"])
    book.save("f.xlsx")
    done = reso("table", "import", PACK, "buyers", "f.xlsx")
    assert done.stderr == "f.xlsx: row 2, column 1: the formula `=1+1`. Paste its value instead.\n"
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.xlsx", b"no zip"), ("x.csv", b"a,\xff"), ("x.csv", b"\x00"), ("x.ods", b"")],
)
def test_a_file_that_is_no_sheet_is_one_line(reso: Reso, name: str, content: bytes) -> None:
    Path(name).write_bytes(content)
    done = reso("table", "import", PACK, "buyer_window", name)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("x.")


def test_a_sheet_is_not_written_over_another_file(reso: Reso) -> None:
    Path("t.csv").write_text("mine", encoding="utf-8")
    done = reso("table", "export", PACK, "buyer_window", "--out", "t.csv")
    assert done.stderr == "t.csv: the file is there already. Choose another name.\n"
    assert Path("t.csv").read_text(encoding="utf-8") == "mine"


# -- laws -----------------------------------------------------------------------------------

VALUES = st.sampled_from(
    ["1 calendar day", "a, b", 'say "x"', "12:00", "50%", "x: y", "#1", "it's"]
)
KEYS = st.sampled_from(["mall", "a, b", "yes", "otherwise", "2", "x y"])
PERIODS = st.sampled_from(["before", "2024-01-01", "2025-01-01", "2026-01-01"])


def tables(depth: int) -> st.SearchStrategy[Plain]:
    if depth == 0:
        return VALUES
    inner = tables(depth - 1)
    return st.one_of(
        VALUES,
        st.dictionaries(KEYS, inner, min_size=1, max_size=4).map(lambda rows: {"by": "k", **rows}),
        st.dictionaries(PERIODS, inner, min_size=1, max_size=3),
    )


@given(old=tables(2), new=tables(2), data=st.data())
def test_any_value_becomes_any_other_in_brackets_and_in_lines(
    old: Plain, new: Plain, data: st.DataObject
) -> None:
    for text in (as_lines(old), f"p: {{value: {as_flow(old)}, source: X}}  # kept\n"):
        tree = read_spans(text, "x.yaml")
        parameter = tree.parts["p"]
        edits = Edits(text)
        merge(edits, parameter.keys["value"], parameter.parts["value"], new, parameter.flow)
        after = plain(read_spans(edits.result(), "x.yaml"))
        assert after == {"p": {"value": new, "source": "X"}}
        assert edits.result().count("# kept") == 1
        assert (edits.result() == text) is (old == new)


def as_flow(value: Plain) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)}: {as_flow(v)}" for k, v in value.items()) + "}"
    assert isinstance(value, str)
    return quoted(value)


def as_lines(value: Plain, indent: int = 4) -> str:
    if indent == 4:
        return f"p:  # kept\n  value:{as_lines(value, 5)}\n  source: X\n"
    if isinstance(value, dict):
        pad = " " * (indent + 1)
        return "".join(f"\n{pad}{quoted(k)}:{as_lines(v, indent + 2)}" for k, v in value.items())
    assert isinstance(value, str)
    return " " + quoted(value)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_csv_holds_any_text(rows: list[tuple[str, str]]) -> None:
    text = csv_text(rows)
    assert [tuple(row) for row in csv.reader(io.StringIO(text))] == rows


def test_a_long_sheet_is_read_in_time(reso: Reso) -> None:
    rows = "".join(f"{number},{number} calendar days\n" for number in range(500))
    Path("t.csv").write_text(f"offences,value\n{rows}otherwise,1 month\n", encoding="utf-8")
    change = plan_import(Path(PACK), "length", read_sheet(Path("t.csv")))
    assert "\n    499: 499 calendar days\n" in change.text
