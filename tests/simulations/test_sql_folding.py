"""Expressions made simpler yield what they yielded before: every value, NULL included."""

import random
from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.sql.arrivals import Arrivals
from simulations.sql.dialects import DuckDB
from simulations.sql.folding import Folder
from simulations.sql.layers import Sheet
from simulations.sql.lean import Lean, sql_of
from simulations.sql.respelled import text_of
from simulations.sql.terms import TRUE, UnreadableError, column, null, number, parsed

ITEM = "STRUCT(n INTEGER, v BIGINT, w VARCHAR)"
ROWS = 60

SURE = frozenset({"sure", "k"})
SAME = {"none": null("BIGINT"), "one": number(1), "yes": TRUE, "also_a": column("a")}
"""What stands for some columns; the table holds them all the same."""


def made_table(connection: duckdb.DuckDBPyConnection, seed: int = 1) -> None:
    """Make the table `t` of all columns that the expressions below read."""
    chance = random.Random(seed)

    def maybe(sql: str) -> str:
        return "NULL" if chance.random() < 0.3 else sql

    def row(place: int) -> str:
        items = sorted(chance.randint(1, 6) for _ in range(chance.randint(0, 5)))
        words = ("'x'", "'y'", "'z'")
        listed = ", ".join(
            f"{{'n': {n}, 'v': {maybe(str(chance.randint(0, 3)))}, "
            f"'w': {maybe(chance.choice(words))}}}"
            for n in items
        )
        known = chance.randint(1, 6)
        a = maybe(str(chance.randint(-2, 2)))
        return ", ".join([
            str(place), a, maybe(str(chance.randint(-2, 2))), str(chance.randint(0, 2)),
            maybe(chance.choice(words)), maybe(chance.choice(("TRUE", "FALSE"))),
            maybe(chance.choice(("TRUE", "FALSE"))), chance.choice(("TRUE", "FALSE")),
            "NULL", "1", "TRUE", a, maybe(f"[{listed}]::{ITEM}[]"),
            str(known), str(chance.randint(1, known)), "[1, 2, 3, 4, 5, 6]",
        ])  # fmt: skip

    connection.execute(
        "CREATE TABLE t(id BIGINT, a BIGINT, b BIGINT, k BIGINT, w VARCHAR, p BOOLEAN, q BOOLEAN, "
        f"sure BOOLEAN, none BIGINT, one BIGINT, yes BOOLEAN, also_a BIGINT, l {ITEM}[], "
        "n INTEGER, seen_n INTEGER, arrivals BIGINT[])"
    )
    connection.execute(f"INSERT INTO t VALUES {', '.join(f'({row(n)})' for n in range(ROWS))}")


@pytest.fixture(scope="module")
def rows() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    made_table(connection)
    return connection


# -- expressions ------------------------------------------------------------------------------


def numbers(inner: st.SearchStrategy[str], tests: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("coalesce({}, 0)".format, inner),
        st.builds("least({}, {})".format, inner, inner),
        st.builds("CASE WHEN {} THEN {} WHEN {} THEN {} END".format, tests, inner, tests, inner),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, tests, inner, inner),
        st.builds("CASE {} WHEN 1 THEN {} WHEN 2 THEN {} END".format, inner, inner, inner),
        st.builds("CASE WHEN {} THEN {{'u': {}, 'w': 1}} END.u".format, tests, inner),
    )


def conditions(
    inner: st.SearchStrategy[str], values: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    ops = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {} OR {})".format, inner, inner, inner),
        st.builds("(NOT {})".format, inner),
        st.builds("COALESCE({}, FALSE)".format, inner),
        st.builds("({} IS NULL)".format, st.one_of(inner, values)),
        st.builds("({} IS NOT NULL)".format, st.one_of(inner, values)),
        st.builds("({} {} {})".format, values, ops, values),
        st.builds("({} IN (0, 1, 2))".format, values),
        st.builds("({} NOT IN (1))".format, values),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, inner, inner, inner),
        st.builds("CASE WHEN {} THEN TRUE ELSE FALSE END".format, inner),
        st.builds("nullif({}, FALSE)".format, inner),
    )


LEAVES = st.sampled_from(
    ['"a"', '"b"', '"k"', '"none"', '"one"', '"also_a"', "0", "1", "2", "NULL::BIGINT", "-1"]
)
FLAGS = st.sampled_from(
    ['"p"', '"q"', '"sure"', '"yes"', "TRUE", "FALSE", "NULL::BOOLEAN", "(\"w\" = 'x')"]
)


def expressions(depth: int) -> tuple[st.SearchStrategy[str], st.SearchStrategy[str]]:
    """Return strategies of values and of conditions."""
    if depth == 0:
        return LEAVES, FLAGS
    values, tests = expressions(depth - 1)
    return st.one_of(values, numbers(values, tests)), st.one_of(tests, conditions(tests, values))


VALUES, TESTS = expressions(3)


def folder() -> Folder:
    return Folder(set(SURE), dict(SAME))


def differing(rows: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    found = rows.execute(f"SELECT count(*) FROM t WHERE ({one}) IS DISTINCT FROM ({other})")
    (number_of,) = found.fetchone() or (0,)
    return int(number_of)


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(VALUES, TESTS))
def test_what_is_folded_yields_the_same(rows: duckdb.DuckDBPyConnection, text: str) -> None:
    folded = folder().fold(parsed(text))
    assert not differing(rows, text, text_of(folded)), text_of(folded)


@settings(max_examples=150, deadline=None)
@given(text=TESTS)
def test_of_a_test_only_its_truth_is_kept(rows: duckdb.DuckDBPyConnection, text: str) -> None:
    folded = text_of(folder().fold(parsed(text), test=True))
    assert not differing(rows, f"coalesce({text}, FALSE)", f"coalesce({folded}, FALSE)"), folded


@settings(max_examples=100, deadline=None)
@given(text=st.one_of(VALUES, TESTS))
def test_what_is_written_again_is_read_the_same(text: str) -> None:
    assert parsed(text_of(parsed(text))) == parsed(text)


@pytest.mark.parametrize("text", ["1 +", "a b", "#", "CASE WHEN TRUE THEN 1", "(1"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        parsed(text)


SIMPLER = {
    "Kleene's logic": ('"none" > "a" AND "p"', 'CAST(NULL AS BOOLEAN) AND "p"'),
    "a fact nobody states": ('COALESCE("none" > "a", FALSE)', "FALSE"),
    "never NULL": ('COALESCE("sure", FALSE)', '"sure"'),
    "a case never met": ('CASE WHEN "none" = 1 THEN 2 ELSE "a" END', '"a"'),
    "two columns are one": ('"also_a" = "b" AND "yes"', '"a" = "b"'),
    "all items": ('list_filter("l", lambda y: y.v IS NULL OR TRUE)', '"l"'),
    "a record's field": (
        'CASE WHEN "p" THEN {\'u\': "a"} END.u',
        'CASE WHEN "p" THEN "a" ELSE CAST(NULL AS BIGINT) END',
    ),
}


@pytest.mark.parametrize(("text", "simple"), SIMPLER.values(), ids=SIMPLER)
def test_what_comes_of_it(text: str, simple: str) -> None:
    assert text_of(folder().fold(parsed(text))) in (
        text_of(parsed(simple)),
        text_of(parsed(simple.replace("CAST(NULL AS BIGINT)", "NULL"))),
    )


# -- lists of which ever more becomes known -----------------------------------------------------

ASKED = st.lists(
    st.sampled_from(
        ["y.v > 1", "y.w = 'x'", "y.w IN ('x', 'z')", "y.v IS NOT NULL", 'y.v = "k"', 'y.v >= "a"']
    ),
    max_size=2,
)
OLD = "coalesce(y.w IN ('y', 'z'), FALSE)"
KNOWN = {
    "all that is known": 'y.n <= "n"',
    "what is seen, and what is new": f'y.n <= "seen_n" OR (y.n <= "n" AND NOT ({OLD}))',
}
LOOKS = {
    "first": "list_extract({kept}, 1).v",
    "word": "struct_extract(list_extract({kept}, 1), 'w')",
    "last": "list_extract({kept}, -1).v",
    "none": "list_extract({kept}, 1) IS NULL",
    "count": "COALESCE(len({kept}), CAST(0 AS BIGINT))",
    "some": "(COALESCE(len({kept}), CAST(0 AS BIGINT)) >= 1)",
    "any": "COALESCE(list_contains(list_transform({items}, lambda y: {asked}), TRUE), FALSE)",
    "told": (
        "list_extract(list_transform({kept}, lambda y: {{'at': y.v, 'is': 'told'}}), 1).is = 'told'"
    ),
}


def looks(known: str, asked: Sequence[str]) -> Sheet:
    """Return a sheet of columns over what is known of a list."""
    static = frozenset({"id", "a", "b", "k", "w", "l", "arrivals"})
    made = Sheet(DuckDB(), "t", static | {"n", "seen_n"})
    items = f'list_filter("l", lambda y: {known})'
    made.add("items", sql_of(parsed(items)))
    test = " AND ".join(asked) or "TRUE"
    kept = f'list_filter("items", lambda y: {test})'
    for name, text in LOOKS.items():
        filled = text.format(kept=kept, items='"items"', asked=test)
        made.add(name, sql_of(parsed(filled)))
    return made


@settings(max_examples=60, deadline=None)
@given(known=st.sampled_from(sorted(KNOWN)), asked=ASKED, in_order=st.booleans())
def test_what_is_told_beforehand_is_what_is_found_at_the_instant(
    rows: duckdb.DuckDBPyConnection, known: str, asked: list[str], in_order: bool
) -> None:
    sheet, wanted = looks(KNOWN[known], asked), ("id", *LOOKS)
    arrivals = Arrivals(frozenset({"l"} if in_order else ()), sheet.given - {"n", "seen_n"})
    lean = Lean(sheet, wanted, {"id", "k", "n", "seen_n"}, arrivals)
    made = lean.lean_sheet()
    given = [name for name in made.sources(lean.computed) if name not in ("n", "seen_n", "id")]
    told = lean.beforehand("t").select(("id", *given))
    stand = f"(SELECT b.*, t.n, t.seen_n FROM ({told}) b JOIN t USING (id))"
    query = made.select(lean.computed).replace('"t"', stand).replace("FROM t)", f"FROM {stand})")
    found = rows.execute(f"FROM ({lean.all_of(f'({query})')}) ORDER BY id").fetchall()
    assert found == rows.execute(f"FROM ({sheet.select(wanted)}) ORDER BY id").fetchall()
