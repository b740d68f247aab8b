"""A pack watched: checked and tested on every save, reading again only what changed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from reso.cli import app
from reso.study.watching import Seen, Watch, changes
from tests.commands import not_left_behind
from tests.study.shop import CASES, NUMBERS, write_shop

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_shop(Path("shop"))


def save(path: Path, text: str) -> None:
    """Save a file so that its time differs from before, however fast the test is."""
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime_ns + 5_000_000
    os.utime(path, ns=(later, later))


def test_each_save_is_looked_at_once(folder: Path) -> None:
    saves: Iterator[str] = iter(
        (NUMBERS.replace("48 hours", "48 huors"), NUMBERS.replace("10 SGD", "9 SGD"), NUMBERS)
    )
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) % 3 == 0:
            save(folder / "numbers.yaml", next(saves))

    seen = list(islice(changes(Watch(folder), wait), 4))
    assert [(len(s.problems), len(s.failed), s.passed) for s in seen] == [
        (0, 0, 2),
        (1, 0, 0),
        (0, 1, 1),
        (0, 0, 2),
    ]
    assert waited == [0.2] * 9


def test_only_the_file_that_changed_is_read_again(folder: Path) -> None:
    watch = Watch(folder)
    assert watch.look().parsed == 3
    assert watch.look().parsed == 0
    save(folder / "numbers.yaml", NUMBERS + "\n")
    assert watch.look().parsed == 1


def test_a_change_in_the_cases_is_seen_without_reading_the_policy(folder: Path) -> None:
    watch = Watch(folder)
    watch.look()
    save(folder / "cases" / "requests.yaml", CASES.replace("amount: 10.00", "amount: 9.00"))
    seen = watch.look()
    assert (seen.parsed, [result.case.id for result in seen.failed]) == (0, ["SMALL"])


def test_files_that_come_and_go_are_seen(folder: Path) -> None:
    watch = Watch(folder)
    before = watch.stamps()
    (folder / "more.yaml").write_text("findings: {x: y}\n", encoding="utf-8")
    assert watch.stamps() != before
    assert len(watch.look().problems) == 1
    (folder / "more.yaml").unlink()
    assert watch.look().well


def test_what_cannot_be_read_is_said_and_watched_on(folder: Path) -> None:
    watch = Watch(folder)
    save(folder / "cases" / "requests.yaml", "cases: [")
    assert "cases/requests.yaml" in watch.look().trouble
    save(folder / "cases" / "requests.yaml", CASES)
    assert watch.look() == Seen(passed=2, rules=5)


def test_once_prints_the_first_problem_first(folder: Path) -> None:
    result = CliRunner().invoke(app, ["watch", "shop", "--once"])
    assert (result.stdout, result.exit_code) == ("shop: no problems; 2 passed, 0 failed\n", 0)
    save(folder / "numbers.yaml", NUMBERS.replace("10 SGD", "9 SGD"))
    result = CliRunner().invoke(app, ["watch", "shop", "--once"])
    assert result.exit_code == 1
    assert result.stdout.startswith("FAIL SMALL  shop/cases/requests.yaml:2\n  decision: expected")
    save(folder / "numbers.yaml", NUMBERS.replace("48 hours", "48 huors"))
    result = CliRunner().invoke(app, ["watch", "shop", "--once"])
    assert result.exit_code == 1
    assert result.stdout.startswith("shop/numbers.yaml:3:")
    assert result.stdout.endswith("shop: 1 problem; its cases wait until it is sound.\n")


def test_ctrl_c_ends_it_cleanly(folder: Path) -> None:
    reso = Path(sys.executable).with_name("reso")
    process = subprocess.Popen(
        [reso, "watch", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # even in the background
    )
    with not_left_behind(process):
        assert process.stdout is not None
        assert "2 passed" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr.strip()) == (130, "")


@pytest.mark.parametrize("name", ["request.yaml", "policy.yaml", "cases/dispute.yaml"])
def test_a_change_in_the_largest_pack_takes_less_than_half_a_second(
    tmp_path: Path, name: str
) -> None:
    copytree(RULES, tmp_path / "rules")
    folder = tmp_path / "rules" / "tokopedia_shop"
    watch = Watch(folder)
    assert watch.look().well
    took = []
    for _ in range(2):
        save(folder / name, (folder / name).read_text(encoding="utf-8") + "\n")
        started = time.process_time()
        assert watch.look().well
        took.append(time.process_time() - started)
    assert min(took) < 0.5
