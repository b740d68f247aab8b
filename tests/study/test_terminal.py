"""What a terminal shows: lines wrapped by words, carets below what they point at."""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.study.terminal import laid_out, wrapped

RULES = Path(__file__).parents[2] / "rules"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WORDS = st.lists(st.text("abc`.,-", min_size=1, max_size=12), min_size=1, max_size=30)
STARTS = st.sampled_from(["", "- ", "  ", "    ", "rules/a.yaml:4:27: "])


@given(start=STARTS, words=WORDS, width=st.integers(40, 120))
def test_wrapping_keeps_every_word_and_the_width(start: str, words: list[str], width: int) -> None:
    line = start + " ".join(words)
    lines = wrapped(line, width).split("\n")
    assert " ".join(lines).split() == line.split()
    assert all(len(one) <= width for one in lines)
    assert lines[0].startswith(start.rstrip(" ") or start)


@pytest.mark.parametrize(
    ("start", "hangs"),
    [
        pytest.param("", "", id="plain words do not hang"),
        pytest.param("- ", "  ", id="an item of a list"),
        pytest.param("    ", "      ", id="an indented line"),
        pytest.param("a.yaml:4:27: ", "  ", id="a problem"),
    ],
)
def test_what_belongs_together_stands_together(start: str, hangs: str) -> None:
    line = f"{start}more words than {'x' * 30} fit"
    first, second, *_ = wrapped(line, 30 + len(start)).split("\n")
    assert first == f"{start}more words than"
    assert second.startswith(f"{hangs}x")


@given(
    before=st.text("ab ", max_size=150),
    meant=st.text("XY", min_size=1, max_size=8),
    after=st.text("cd ", max_size=60),
    width=st.integers(40, 120),
)
def test_carets_stand_below_what_they_mean(before: str, meant: str, after: str, width: int) -> None:
    excerpt = f"    {before}{meant}{after}"
    carets = " " * (4 + len(before)) + "^" * len(meant)
    message = "rules/a.yaml:1:5: wrong."
    _, line, below = laid_out(f"{message}\n{excerpt}\n{carets}", width).plain.split("\n")
    assert len(line) <= width
    assert line[below.index("^") : len(below)] == meant


def on_a_terminal(folder: Path, width: int, *args: str) -> str:
    """Run the command on a terminal of this width; return what it shows, without colours."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
    path = os.pathsep.join([str(RULES.parent), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("reso")), *args],
        cwd=folder,
        env={**env, "TERM": "xterm-256color", "PYTHONPATH": path},
        stdin=side,
        stdout=side,
        stderr=side,
    )
    os.close(side)
    shown = b""
    while True:
        try:
            piece = os.read(main, 65_536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
    process.wait()
    os.close(main)
    assert b"\x1b[" in shown
    return COLOUR.sub("", shown.decode()).replace("\r\n", "\n")


@pytest.mark.parametrize("width", [80, 120])
def test_problems_on_a_terminal(tmp_path: Path, width: int) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    wrong = "for: request\nrules:\n  a: {when: order.items_subtotl < 5 IDR, conclude: refund}\n"
    (tmp_path / "rules/tokopedia_shop/more.yaml").write_text(wrong, encoding="utf-8")
    lines = on_a_terminal(tmp_path, width, "check", "rules/tokopedia_shop").splitlines()
    assert all(len(line) <= width for line in lines)
    excerpt = next(n for n, line in enumerate(lines) if "when: order.items_subtotl" in line)
    carets = lines[excerpt + 1]
    assert lines[excerpt][carets.index("^") : len(carets)] == "order.items_subtotl"


@pytest.mark.parametrize("width", [80, 120])
def test_a_comparison_on_a_terminal(tmp_path: Path, width: int) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    new = tmp_path / "rules/new"
    shutil.copytree(tmp_path / "rules/lazada_sg_drtm", new)
    text = (new / "policy.yaml").read_text(encoding="utf-8")
    (new / "policy.yaml").write_text(text.replace("50 SGD", "40 SGD"), encoding="utf-8")
    shown = on_a_terminal(tmp_path, width, "diff", "rules/lazada_sg_drtm", "rules/new")
    lines = shown.splitlines()
    assert all(len(line) <= width for line in lines)
    head = next(n for n, line in enumerate(lines) if line.split() == ["old", "new"])
    rows = [line for line in lines[head + 1 :] if line.startswith("    decision")]
    assert rows[0].index("return_and_refund") == lines[head].index("new")
