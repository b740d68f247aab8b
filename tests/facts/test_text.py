"""The text of case files: what is read, what is refused, and where it says the trouble is."""

import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.errors import InputError
from reso.facts.text import load_case_path, load_case_text

FLOW = "[" * 60 + "]" * 60


class TestScalars:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("no", "no", id="no is text, as YAML 1.2 has it"),
            pytest.param("12:30", "12:30", id="a time is text"),
            pytest.param("2026-01-02", "2026-01-02", id="a date is text"),
            pytest.param("1_000", "1_000", id="underscores are text"),
            pytest.param("'13.1'", "13.1", id="quotes make text"),
            pytest.param('"null"', "null", id="quoted null is text"),
            pytest.param("true", True, id="true"),
            pytest.param("~", None, id="null"),
            pytest.param("", None, id="nothing is null"),
            pytest.param("-7", -7, id="whole number"),
            pytest.param("15.10", Decimal("15.10"), id="exact decimal"),
            pytest.param("1e3", Decimal("1e3"), id="exponent"),
            pytest.param(">\n  two\n  lines\n", "two lines\n", id="folded text"),
        ],
    )
    def test_of_yaml(self, text: str, expected: object) -> None:
        value = load_case_text(f"a: {text}", "case.yaml")["a"]
        assert (value, type(value)) == (expected, type(expected))

    def test_of_json(self) -> None:
        data = load_case_text('\ufeff {"a": 15.10, "b": [1, true, null], "c": {}}', "case")
        assert data == {"a": Decimal("15.10"), "b": [1, True, None], "c": {}}
        assert isinstance(data["a"], Decimal)


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "case: is empty. A case file is a mapping of sections."),
            ("- 1", "case: holds a list. A case file is a mapping of sections."),
            ("word", "case: holds `word`. A case file is a mapping of sections."),
            ("a: 1\na: 2", "case:2:1: `a` stands twice in one mapping"),
            ("a: {b: 1, b: 2}", "case:1:11: `b` stands twice in one mapping"),
            (
                "a: &x 1\nb: 2",
                "case:1:4: anchors and aliases are not used here. Write it out.",
            ),
            ("a: *x", "case:1:4: anchors and aliases are not used here. Write it out."),
            ("*x : 1", "case:1:1: a key that is no word. Write a word."),
            ("a: !!str 1", "case:1:4: tags are not used here. Take the word with `!` away."),
            ("a: 1\n---\nb: 2", "case:2:1: a second document. Write one case per file."),
            ("[a]: 1", "case:1:1: a key that is no word. Write a word."),
            (f"a: {FLOW}", "case:1:54: nested deeper than 50 levels"),
            (f"a: {'9' * 41}", f"case:1:4: `{'9' * 39}…` is no number of a case"),
            ("a: 1e99", "case:1:4: `1e99` is no number of a case"),
            (
                "a:\n\tb: 1",
                "case:2:1: not readable as YAML: found character '\\t' that cannot start any "
                "token. Indent with spaces, not tabs.",
            ),
            ("a: 'x", "case:1:6: not readable as YAML: found unexpected end of stream"),
            ("a: b: c", "case:1:5: not readable as YAML: mapping values are not allowed here"),
            ("a: \x01", "case:1:4: the character U+0001 cannot stand in a file. Take it out."),
            ('{"a": 1, "a": 2}', "case: not readable as JSON: `a` stands twice in one object"),
            ('{"a": NaN}', "case: not readable as JSON: `NaN` is no number of a case"),
            ('{"a": 1e99}', "case: not readable as JSON: `1e99` is no number of a case"),
            (
                '{"a": 1,\n}',
                "case:2:1: not readable as JSON: Expecting property name enclosed in double quotes",
            ),
            ('{"a": ' + "[" * 100_000, "case: not readable as JSON: nested deeper than 50 levels"),
        ],
        ids=lambda value: repr(value[:24]),
    )
    def test_with_the_place(self, text: str, expected: str) -> None:
        with pytest.raises(InputError) as error:
            load_case_text(text, "case")
        assert str(error.value) == expected

    @given(st.text(st.sampled_from("ab:-[]{},&*!|>'\"%#\n\t 01.~\\é\x00"), max_size=40))
    def test_no_text_is_a_traceback(self, text: str) -> None:
        with suppress(InputError):
            assert isinstance(load_case_text(text, "case"), dict)


class TestPaths:
    def test_json_by_its_name(self, tmp_path: Path) -> None:
        path = tmp_path / "case.json"
        path.write_text("a: 1", encoding="utf-8")
        with pytest.raises(InputError) as error:
            load_case_path(path)
        assert str(error.value) == f"{path}:1:1: not readable as JSON: Expecting value"

    def test_yaml(self, tmp_path: Path) -> None:
        path = tmp_path / "case.yaml"
        path.write_bytes("\ufeffa: é".encode())
        assert load_case_path(path) == {"a": "é"}

    def test_not_utf_8(self, tmp_path: Path) -> None:
        path = tmp_path / "case.yaml"
        path.write_bytes(b"a: 1\nb: \xff")
        with pytest.raises(InputError) as error:
            load_case_path(path)
        assert str(error.value) == f"{path}:2: byte 0xff is not UTF-8. Save the file as UTF-8."

    def test_missing(self, tmp_path: Path) -> None:
        path = tmp_path / "none.yaml"
        with pytest.raises(InputError) as error:
            load_case_path(path)
        assert str(error.value) == (
            f"{path}: cannot be read (No such file or directory). Check the path."
        )


def test_a_text_of_10_mb_takes_seconds() -> None:
    begin = time.monotonic()
    data = load_case_text(f"a: '{'x' * 10_000_000}'", "case")
    assert len(str(data["a"])) == 10_000_000
    assert time.monotonic() - begin < 30
