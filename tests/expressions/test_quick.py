"""The quick reader of expressions reads what Lark reads, and gives the same trees."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reso.expressions import parse
from reso.expressions.grammar import lark_tree
from reso.expressions.quick import quick_tree
from reso.expressions.raw import FlawedExpressionError, RawTree
from reso.policy.loader import check_pack

PACKS = sorted(file.parent for file in Path("rules").glob("*/policy.yaml"))

WORDS = (
    *("and", "or", "not", "is", "one", "of", "known", "none", "contains", "where", "at", "over"),
    *("yes", "no", "exists", "count", "sum", "first", "latest", "before", "after", "inclusive"),
    *(
        "end",
        "day",
        "days",
        "calendar",
        "business",
        "hours",
        "week",
        "IDR",
        "XY",
        "a",
        "b.c",
        "_d1",
    ),
    *(
        "12:30",
        "2026-01-31",
        "7",
        "0.5",
        "%",
        "+",
        "-",
        "*",
        "<",
        "<=",
        "=",
        "!=",
        "(",
        ")",
        "[",
        "]",
    ),
    *(",", "'x'", '"y z"', "é", "٣", ".", "{", "\n", "\u00a0"),
)

NAMES = st.sampled_from(("a", "b.c", "order.total", "at", "of", "end", "days", "first_known"))


def lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts that look at a list, with an inner condition or without one."""
    what = st.sampled_from(
        ("exists l", "count of l", "first l", "latest of l", "a of first l", "at of latest of l")
    )
    total = st.builds("sum of {} over l".format, inner)
    return st.builds(
        "{}{}".format, what | total, st.just("") | st.builds(" where {}".format, inner)
    )


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts made of smaller ones as rules of the grammar do; some are none for want of brackets."""
    signs = ("and", "or", "+", "-", "*", "<", ">=", "!=", "before", "at  or\nafter", "contains")
    between = st.sampled_from((*signs, "is", "is not"))
    after = st.sampled_from(("is known", "is none", "is not known", "is not none", "at 9:05"))
    listed = st.lists(inner, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        st.builds("{} {} {}".format, inner, between, inner),
        st.builds("{} {}".format, inner, after),
        st.builds("({})".format, inner),
        st.builds("not {}".format, inner),
        st.builds("{} is one of [{}]".format, inner, listed),
        st.builds("{}  is not one of[{}]".format, inner, listed),
        st.builds("{}({})".format, NAMES, listed | st.just("")),
        lists(inner),
    )


SMALL = st.one_of(
    NAMES,
    st.sampled_from(
        ("yes", "no", "3", "0.5%", "12.5 % ", "3 IDR", "7USD", "'a b'", '"c"', "23:59")
    ),
    st.sampled_from(("2 hours", "3  business\ndays", "1 calendar day inclusive", "2026-01-31")),
    st.just("3 weeks end of day inclusive"),
)
WHOLE = st.recursive(SMALL, larger, max_leaves=12)
SOUP = st.lists(st.sampled_from(WORDS), max_size=12).flatmap(
    lambda words: st.lists(
        st.sampled_from(("", " ", "  ")), min_size=len(words), max_size=len(words)
    ).map(lambda gaps: "".join(word + gap for word, gap in zip(words, gaps, strict=True)))
)


def by_lark(text: str) -> RawTree | None:
    """Return the tree of Lark, None where there is none."""
    try:
        return lark_tree(text)
    except FlawedExpressionError:
        return None


@given(WHOLE)
def test_what_lark_reads_is_read_as_lark_reads_it(text: str) -> None:
    assert quick_tree(text) == by_lark(text)


@given(SOUP)
@example("a andb")
@example("a at12:30")
@example("first first")
@example("a is one")
@example("3 AND")
@example("(a) = b")
@example("exists l where a = 1 = 2")
def test_of_any_words_it_reads_nothing_that_lark_does_not(text: str) -> None:
    quick = quick_tree(text)
    assert quick is None or quick == by_lark(text)


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_all_expressions_of_a_pack_are_read_quickly(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: set[str] = set()
    monkeypatch.setattr(parse, "_parsed", lambda text: texts.add(text) or parse._read(text))
    check_pack(folder)
    assert texts
    assert {text for text in texts if quick_tree(text) != lark_tree(text)} == set()


def test_brackets_count_to_what_stands_around_them() -> None:
    whole = quick_tree(" ( a ) is b ")
    assert whole is not None
    inner, _ = whole.children
    assert isinstance(inner, RawTree)
    assert (whole.start, whole.end, inner.start, inner.end) == (1, 11, 3, 4)


def test_words_that_only_the_tables_tell_apart_are_left_to_lark() -> None:
    assert quick_tree("none + 1") is None
    assert lark_tree("none + 1").data == "plus"


def test_more_levels_than_the_stack_holds_are_left_to_lark() -> None:
    deep = "exists l where " * 250 + "a"
    assert quick_tree(deep) is None
    assert lark_tree(deep).data == "exists"
