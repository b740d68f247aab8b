"""`reso fmt` changes how a file looks, never what it says."""

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.authoring.layout import formatted
from reso.authoring.tokens import comments
from reso.policy.document import Items, Map, Text, Tree, parse_document
from reso.policy.loader import check_pack
from tests.authoring.conftest import RULES, Reso
from tests.shipped import files_of

SHIPPED = sorted(RULES.glob("*/*.yaml"))
SHIPPED_CASES = sorted(RULES.glob("*/cases/*.yaml"))
POLICY_LINE = "# yaml-language-server: $schema=../.schema/policy.json\n"
CASES_LINE = "# yaml-language-server: $schema=../../.schema/cases.json\n"

UGLY = """\


# A pack.
policy:   mini
title: 'It''s "ours"'
dated_by: [ order.placed_at,claim.filed_at ]   # first known
rules:
      approved:   {when: seller_approved,conclude: 'as requested' ,because: { id: 'ya',en: "yes" } }
      # the second
      refused:
            when:
            - a is b
            -   c is   d # odd
              # last remark of the list
            conclude:
                 escalate


# of the stages


stages:
    text: >
        folded
          more

    plain: one
      two
    long: {a: 1,
           b: [x,
               y]   # why
    }
    nothing:
    - - a
      - b
    -   k: v
        l: w
    # the end"""
NEAT = """\
# A pack.
policy: mini
title: 'It''s "ours"'
dated_by: [order.placed_at, claim.filed_at]   # first known
rules:
  approved: {when: seller_approved, conclude: "as requested", because: {id: "ya", en: "yes"}}
  # the second
  refused:
    when:
      - a is b
      - c is   d  # odd
      # last remark of the list
    conclude:
      escalate

# of the stages

stages:
  text: >
    folded
      more

  plain: one
    two
  long: {a: 1,
         b: [x,
             y]   # why
  }
  nothing:
    - - a
      - b
    - k: v
      l: w
    # the end
"""


def said(tree: Tree | None) -> object:
    match tree:
        case None:
            return None
        case Text():
            return (tree.value, tree.plain)
        case Items():
            return [said(item) for item in tree.items]
        case Map():
            return [(key, said(value)) for key, value in tree]


def test_a_file_is_laid_out_and_its_comments_stay() -> None:
    assert formatted(UGLY, "ugly.yaml") == NEAT


def test_a_neat_file_stays_as_it_is() -> None:
    assert formatted(NEAT, "neat.yaml") == NEAT


@pytest.mark.parametrize("path", files_of("*/*.yaml", "*/cases/*.yaml"))
def test_the_shipped_files_are_neat(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text, path.name) == text


def without_marks(policy: object) -> str:
    text = re.sub(r"Mark\(.*?\)", "", repr(policy))
    return re.sub(r"content_hash='\w+'|<[^>]*object at 0x\w+>", "", text)


def test_an_untidy_pack_says_the_same_when_it_is_tidy(reso: Reso) -> None:
    pack = Path("rules/lazada_sg_drtm")
    shutil.rmtree(pack / "cases")
    for file in pack.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        untidy = re.sub(r"(?m)^( +)", r"\1\1", text).replace("{when: ", "{  when:   ")
        file.write_text(untidy + "\n\n\n", encoding="utf-8")
    before, problems = check_pack(pack)
    assert problems == []
    assert reso("fmt", str(pack)).exit_code == 0
    after, problems = check_pack(pack)
    assert problems == []
    assert without_marks(before) == without_marks(after)
    for file in pack.glob("*.yaml"):
        assert file.read_bytes() == (RULES / pack.name / file.name).read_bytes()


# -- laws -----------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "a",
        "seller_time",
        "48 hours",
        '"no"',
        "'it''s'",
        "'x'",
        "a: b is c".replace(": ", "."),
        '"#"',
    ]
)
NOTES = st.sampled_from(["", "", "", "  # why", " #x"])


@st.composite
def flow(draw: st.DrawFn, depth: int) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(WORDS)
    gap, after = draw(st.sampled_from(["", " ", "  "])), draw(st.sampled_from([" ", "", "   "]))
    parts = [draw(flow(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    if draw(st.booleans()):
        return f"[{gap}{f',{after}'.join(parts)}{gap}]"
    pairs = [f"k{n}: {part}" for n, part in enumerate(parts)]
    return f"{{{gap}{f',{after}'.join(pairs)}{gap}}}"


@st.composite
def block(draw: st.DrawFn, indent: int, depth: int) -> str:
    """Return the lines of a mapping in block style, laid out by whim."""
    lines = []
    for number in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            lines.append(" " * draw(st.integers(0, 12)) + draw(st.sampled_from(["# note", ""])))
        head = f"{' ' * indent}k{number}:"
        kind = draw(st.sampled_from(["flow", "map", "list", "folded", "two lines"]))
        inner = indent + draw(st.integers(1, 5))
        if kind == "flow" or depth == 0:
            lines.append(f"{head} {' ' * draw(st.integers(0, 2))}{draw(flow(2))}{draw(NOTES)}")
        elif kind == "map":
            lines += [head + draw(NOTES), draw(block(inner, depth - 1))]
        elif kind == "folded":
            lines += [f"{head} {draw(st.sampled_from(['>', '|']))}", f"{' ' * inner}some words", ""]
            lines.append(f"{' ' * (inner + draw(st.integers(0, 2)))}and more")
        elif kind == "two lines":
            lines += [f"{head} some words", f"{' ' * inner}and more{draw(NOTES)}"]
        else:
            lines.append(head)
            dash = indent + draw(st.sampled_from([0, 2, 3]))
            for _ in range(draw(st.integers(1, 2))):
                space = " " * draw(st.integers(1, 3))
                item = draw(block(dash + 1 + len(space), depth - 1)).lstrip(" \n")
                plain = draw(st.booleans()) or item.startswith("#")
                item = draw(flow(1)) + draw(NOTES) if plain else item
                lines.append(f"{' ' * dash}-{space}{item}")
    return "\n".join(lines)


@given(text=block(0, 3), end=st.sampled_from(["", "\n", "\n\n", "\n  # end"]))
def test_formatting_keeps_every_word_and_comment_and_settles_at_once(text: str, end: str) -> None:
    before = parse_document(text + end, "x.yaml")
    assert before.problems == []
    once = formatted(text + end, "x.yaml")
    assert said(parse_document(once, "x.yaml").tree) == said(before.tree)
    kept = [(text + end)[a:b] for a, b in comments(text + end)]
    assert [once[a:b] for a, b in comments(once)] == kept
    assert formatted(once, "x.yaml") == once
    if not re.search(r"[|>]", text):  # in a text of several lines they may be part of it
        assert not re.search(r" \n|\n\n\n|\n\n$", once)


@given(data=st.data(), path=st.sampled_from(SHIPPED))
def test_small_edits_of_shipped_files_stay_meant_as_they_are(
    data: st.DataObject, path: Path
) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")[: data.draw(st.integers(1, 60))]
    at = data.draw(st.integers(0, len(lines) - 1))
    edit = data.draw(
        st.sampled_from(["  ", "\n", "   # a remark", "\n      # own line", ",", "]", ":"])
    )
    text = "\n".join([*lines[:at], lines[at] + edit, *lines[at + 1 :]])
    before = parse_document(text, "x.yaml")
    if before.problems:
        return
    once = formatted(text, "x.yaml")
    assert said(parse_document(once, "x.yaml").tree) == said(before.tree)
    assert formatted(once, "x.yaml") == once


# -- the verb -------------------------------------------------------------------------------


def test_check_names_the_files_that_would_change_and_writes_nothing(reso: Reso) -> None:
    file = Path("rules/lazada_sg_drtm/request.yaml")
    file.write_text("rules:   {}\n", encoding="utf-8")
    result = reso("fmt", str(file), "rules/lazada_sg_drtm/policy.yaml", "--check")
    assert result.stdout == (
        "rules/lazada_sg_drtm/request.yaml: would change\n1 would change, 1 left alone\n"
    )
    assert result.exit_code == 1
    assert file.read_text(encoding="utf-8") == "rules:   {}\n"


@pytest.mark.slow
def test_of_all_that_lies_in_a_folder_the_packs_are_checked(reso: Reso) -> None:
    shutil.rmtree("rules")
    shutil.copytree(RULES, "rules")
    done = reso("fmt", *(str(path) for path in sorted(Path("rules").glob("[!.]*"))), "--check")
    count = len([*SHIPPED, *SHIPPED_CASES])
    assert (done.stdout, done.exit_code) == (f"0 would change, {count} left alone\n", 0)


CASE = "cases:\n  - id: A\n"


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        pytest.param(
            "rules/shop/more.yaml", "for: x\n", f"{POLICY_LINE}for: x\n", id="a policy file"
        ),
        pytest.param("rules/shop/cases/a.yaml", CASE, f"{CASES_LINE}{CASE}", id="a case file"),
        pytest.param(
            "rules/shop/more.yaml", f"{POLICY_LINE}for: x\n", f"{POLICY_LINE}for: x\n", id="there"
        ),
        pytest.param(
            "rules/shop/more.yaml",
            "# Mine.\n# yaml-language-server: $schema=mine.json\nfor: x\n",
            "# Mine.\n# yaml-language-server: $schema=mine.json\nfor: x\n",
            id="another schema",
        ),
        pytest.param("elsewhere/shop/more.yaml", "for: x\n", "for: x\n", id="no schema there"),
    ],
)
def test_the_line_for_editors_is_added_where_there_is_a_schema(
    reso: Reso, file: str, before: str, after: str
) -> None:
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(before, encoding="utf-8")
    for _ in range(2):
        assert reso("fmt", file).exit_code == 0
        assert path.read_text(encoding="utf-8") == after


def test_line_endings_a_mark_and_the_mode_of_a_file_stay(reso: Reso) -> None:
    file = Path("rules/windows.yaml")
    file.write_bytes(b"\xef\xbb\xbfa:   1\r\nb: [ x ]\r\n")
    file.chmod(0o640)
    assert (
        reso("fmt", str(file)).stdout
        == "rules/windows.yaml: formatted\n1 formatted, 0 left alone\n"
    )
    assert file.read_bytes() == b"\xef\xbb\xbfa: 1\r\nb: [x]\r\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in Path("rules").iterdir() if p.suffix == ".tmp"] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b"a: [1\n",
            "rules/x.yaml:2:1: not readable as YAML: "
            "expected ',' or ']', but got '<stream end>'. [not-yaml]",
            id="no YAML",
        ),
        pytest.param(
            b"a: 1\na: 2\n",
            "rules/x.yaml:2:1: `a` stands here twice. The first one is on line 1. [key-twice]\n"
            "    a: 2\n    ^",
            id="a key twice",
        ),
        pytest.param(
            b"a: \xff\n",
            "rules/x.yaml:1: byte 0xff is not UTF-8. Save the file as UTF-8.",
            id="no UTF-8",
        ),
        pytest.param(
            b"a: 1\rb: 2\r",
            "rules/x.yaml: a line ends in a bare carriage return. "
            "Save it with line endings of Unix or Windows.",
            id="old Mac",
        ),
    ],
)
def test_what_cannot_be_read_is_left_alone(reso: Reso, content: bytes, message: str) -> None:
    file = Path("rules/x.yaml")
    file.write_bytes(content)
    result = reso("fmt", str(file))
    assert result.stderr == message + "\n"
    assert result.stdout == "0 formatted, 0 left alone, 1 could not be read\n"
    assert result.exit_code == 1
    assert file.read_bytes() == content


def test_a_file_that_is_not_there_is_named(reso: Reso) -> None:
    result = reso("fmt", "rules/no.yaml")
    assert result.stderr == "rules/no.yaml: no such file. Check the name.\n"
    assert result.exit_code == 1
