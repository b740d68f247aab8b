"""Clumsy and hostile policy files: what their authors are told, and that nothing else happens."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reso.policy.loader import check_pack
from tests.strategies.small_packs import HEADER, OTHERWISE, pack, problems_of, write_pack

SOUND = HEADER + OTHERWISE
RULE = "rules:\n  r: {when: claim is known, conclude: deny}\n"
SAVE = "Save the file as UTF-8."
KEEP = "Keep one side, and take out the lines with <<<<<<<, ======= and >>>>>>>."


def told(text: str | bytes) -> list[str]:
    """Return where and what each problem of a file is, in their order, without its code."""
    problems = problems_of(("policy.yaml", SOUND), ("rules.yaml", text))
    lines = [problem.splitlines()[0].removeprefix("pack/rules.yaml:") for problem in problems]
    return [line.rpartition(" [")[0] for line in lines]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(RULE.encode("utf-16"),
                     f"1:1: the file seems to be in UTF-16, not in UTF-8. {SAVE}", id="UTF-16"),
        pytest.param(RULE.encode("utf-16-le"),
                     f"1:1: the file seems to be in UTF-16, not in UTF-8. {SAVE}",
                     id="UTF-16 without a mark"),
        pytest.param(RULE.encode("utf-32"),
                     f"1:1: the file seems to be in UTF-32, not in UTF-8. {SAVE}", id="UTF-32"),
        pytest.param("rules:\n# caf\xe9\n".encode("latin-1"),
                     f"2:1: byte 0xe9 is not UTF-8. {SAVE}", id="Latin-1"),
        pytest.param("rules:\n# “caf”\n".encode("cp1252"),
                     f"2:1: byte 0x93 is not UTF-8. {SAVE}", id="Windows-1252"),
        pytest.param(b"rules:\n  r\0: {}\n",
                     "2:4: the character U+0000 cannot stand in a file. Take it out.", id="NUL"),
        pytest.param(b"rules:\n  r\x07: {}\n",
                     "2:4: the character U+0007 cannot stand in a file. Take it out.", id="bell"),
        pytest.param(bytes(range(256)), f"2:1: byte 0x80 is not UTF-8. {SAVE}", id="no text"),
        pytest.param(b"\xef\xbb\xbf" + RULE.encode(), "", id="UTF-8 with a mark is fine"),
        pytest.param(RULE.replace("\n", "\r\n"), "", id="lines of Windows are fine"),
        pytest.param(RULE.replace("\n", "\r"), "", id="lines of an old Mac are fine"),
        pytest.param("", "", id="an empty file is fine"),
    ],
)  # fmt: skip
def test_encodings(raw: str | bytes, said: str) -> None:
    assert told(raw) == [said] * bool(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(f"<<<<<<< HEAD\n{RULE}=======\n{RULE}>>>>>>> other\n",
                     f"1:1: a merge was not finished: this line begins with `<<<<<<<`. {KEEP}",
                     id="the whole file"),
        pytest.param(RULE + "  s:\n=======\n    when: claim is known\n",
                     f"4:1: a merge was not finished: this line begins with `=======`. {KEEP}",
                     id="a mark that was left"),
        pytest.param(RULE + ">>>>>>> other",
                     f"3:1: a merge was not finished: this line begins with `>>>>>>>`. {KEEP}",
                     id="the last line"),
        pytest.param(RULE + "# ======= remarks =======\n", "", id="a line drawn in a remark"),
    ],
)  # fmt: skip
def test_marks_of_a_merge_are_recognised(text: str, said: str) -> None:
    assert told(text) == [said] * bool(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("rules:\n\tr: {when: claim is known}\n",
                     r"2:1: not readable as YAML: found character '\t' that cannot start any "
                     "token. Indent with spaces, not tabs.", id="a tab"),
        pytest.param("rules\twhen\tconclude\nr\tclaim is known\tdeny\n",
                     r"1:6: not readable as YAML: found character '\t' that cannot start any "
                     "token. Indent with spaces, not tabs.", id="cells of a sheet"),
        pytest.param("rules;when;conclude\nr;claim is known;deny\n",
                     "1:1: a policy file is a mapping of sections. "
                     "Begin a section with its word and a colon, such as `rules:`.",
                     id="a CSV file"),
        pytest.param("rules:\n  r: {when: “claim is known”, conclude: deny}\n",
                     '2:13: did not expect `“` here. Type straight quotes: "...".',
                     id="quotes of a text processor"),
        pytest.param("findings:\n  f: 'claim.type is one of [damaged; broken]'\n",
                     "2:36: did not expect `;` here. Part the values with commas.",
                     id="a list with semicolons"),
        pytest.param("findings:\n  f: claim is known \u2013 no\n",
                     "2:21: did not expect `\u2013` here. Type a plain minus: -.", id="a dash"),
        pytest.param("rules:\n\u00a0\u00a0r: {when: claim is known, conclude: deny}\n",
                     "1:7: `rules` is a mapping of names.", id="non-breaking indent"),
        pytest.param("rules:\n  r: {when\u00a0: claim is known, conclude: deny}\n",
                     "2:7: a space here is none of the keyboard: it was pasted. "
                     "Type plain spaces in its place.", id="non-breaking space in a key"),
        pytest.param("findings:\n  f: claim\u00a0is known\n", "",
                     id="a non-breaking space in an expression is a space"),
        pytest.param("parameters:\n  x: 6 hari\n",
                     "2:8: did not expect `hari` here. Say `calendar days` or `business days`.",
                     id="6 hari"),
        pytest.param("parameters:\n  x: 48 jam\n", "2:9: did not expect `jam` here. Say `hours`.",
                     id="48 jam"),
        pytest.param("parameters:\n  batas waktu penjual: 5 calendar days\n",
                     "2:3: `batas waktu penjual` cannot be used as a name. "
                     "Names are letters, digits and _: `batas_waktu_penjual`.",
                     id="a name with spaces"),
        pytest.param("parameters:\n  2 hari kerja: 5\n",
                     "2:3: `2 hari kerja` cannot be used as a name. "
                     "Names are letters, digits and _: `hari_kerja_2`.",
                     id="a name that begins with a digit"),
        pytest.param("readings:\n  y: claim.filed_at + batas waktu penjual\n",
                     "2:29: did not expect `waktu` here. "
                     "A name has no spaces: `batas_waktu_penjual`.",
                     id="a name with spaces in an expression"),
        pytest.param("rules:\n  r: {when: NO, conclude: deny}\n",
                     "2:13: unknown name `NO`. Say `no`.", id="NO"),
        pytest.param("rules:\n  r: {when: on, conclude: deny}\n",
                     "2:13: unknown name `on`. Say `yes`.", id="on"),
        pytest.param("rules:\n  r: {}\n  'r': {}\n",
                     "3:3: `r` stands here twice. The first one is on line 2.", id="a key twice"),
        pytest.param("notes: &a [x]\n", "1:8: anchors and aliases are not used here. "
                     "Write it out, or make it a parameter.", id="an anchor"),
        pytest.param(f"{RULE}---\n{RULE}",
                     "3:1: not readable as YAML: a second document begins here.",
                     id="two documents"),
        pytest.param('findings:\n  "\\0": claim is known\n',
                     "2:3: `�` cannot be used as a name. "
                     "Names are letters, digits and _: `buyer_window`.", id="an escaped NUL"),
        pytest.param('findings:\n  f: "\\U00110000"\n',
                     "1:1: not readable as YAML: an escape that stands for no character.",
                     id="an escape beyond Unicode"),
        pytest.param("parameters: {p: {before: 1, 0001-01-01: 2}}\n",
                     "1:29: `0001-01-01` is not a day of the calendar.", id="the first day of all"),
    ],
)  # fmt: skip
def test_what_is_pasted_or_mistyped(text: str, said: str) -> None:
    found = told(text)
    assert said in found if said else found == []


def test_times_and_words_of_old_yaml_are_text() -> None:
    rules = "parameters:\n  on: 12:30\n  off: no\n  day: 2026-01-31\n"
    kinds = {d.name: d.node.type.kind for d in pack(rules).policy.definitions}
    assert (kinds["on"], kinds["off"], kinds["day"]) == ("time", "boolean", "instant")


def _loop(folder: Path) -> None:
    (folder / "a.yaml").symlink_to("b.yaml")
    (folder / "b.yaml").symlink_to("a.yaml")


def _unreadable(folder: Path) -> None:
    (folder / "a.yaml").write_text(RULE, encoding="utf-8")
    (folder / "a.yaml").chmod(0)


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        pytest.param(_loop, "a.yaml:1:1: cannot be read (Too many levels of symbolic links)",
                     id="links in a circle"),
        pytest.param(lambda folder: (folder / "a.yaml").symlink_to("nowhere"),
                     "a.yaml:1:1: cannot be read (No such file or directory)",
                     id="a link to nowhere"),
        pytest.param(lambda folder: (folder / "a.yaml").mkdir(),
                     "a.yaml:1:1: cannot be read (Is a directory)", id="a folder"),
        pytest.param(lambda folder: os.mkfifo(folder / "a.yaml"),
                     "a.yaml:1:1: a pipe or a device, and no file", id="a pipe"),
        pytest.param(lambda folder: (folder / "a.yaml").symlink_to("/dev/zero"),
                     "a.yaml:1:1: a pipe or a device, and no file", id="an endless device"),
        pytest.param(_unreadable, "a.yaml:1:1: cannot be read (Permission denied)",
                     id="a file of somebody else", marks=pytest.mark.skipif(
                         os.geteuid() == 0, reason="root may read everything")),
    ],
)  # fmt: skip
def test_what_is_no_file(tmp_path: Path, prepare: Callable[[Path], object], said: str) -> None:
    folder = write_pack(tmp_path, [("policy.yaml", SOUND)])
    prepare(folder)
    policy, problems = check_pack(folder)
    assert policy is None
    assert str(problems[0]).removeprefix(f"{folder}/").startswith(said)


def test_links_that_lead_around_are_no_part_of_the_pack(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, [("policy.yaml", SOUND)])
    (folder / "cases").symlink_to(".")
    (folder / "around").symlink_to("..")
    assert check_pack(folder)[1] == []


@pytest.mark.parametrize("name", ['"a\\0b"', "a" * 5_000, "../../etc/passwd", "..", "loop.yaml"])
def test_uses_names_a_file_beside_the_pack_or_nothing(tmp_path: Path, name: str) -> None:
    folder = write_pack(tmp_path, [("policy.yaml", f"{SOUND}uses: {name}\n")])
    (folder / "around").symlink_to("around")
    _, problems = check_pack(folder)
    assert "uses-no-such-file" in {problem.code for problem in problems}
