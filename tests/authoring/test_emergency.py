"""The emergency story: a flood, one courier, one category, two weeks, all from the command line."""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reso.cli import app
from tests.authoring.conftest import CHANGED, copy_packs

ROOT = Path(__file__).parents[2]
SECONDS = 60
WINDOW = "reso set buyer_window '21 calendar days' -p rules/tokopedia_shop"
DAYS = "--from 2026-12-01 --until 2026-12-15"
WHERE = "--where 'order.category is fashion and shipping.courier is antar_cepat'"
WHY = "--reach 'parcels delivered' --because 'Flood at the Semarang hub'"
CASE = """\
  - id: {id}
    given:
      claim: {{type: defective, requested: refund, filed_at: "2026-12-12T09:00:00+07:00"}}
      order: {{currency: IDR, category: {category}, items_subtotal: 184000, total_paid: 184000,
              placed_at: "2026-11-28T09:00:00+07:00"}}
      shipping: {{courier: {courier}}}
      tracking: [{{at: "{delivered}T10:00:00+07:00", event: delivered}}]
      now: "2026-12-12T10:00:00+07:00"
"""
HER_CASES = {
    "REACHED": ("fashion", "antar_cepat", "2026-12-03"),
    "OTHER-COURIER": ("fashion", "lain", "2026-12-03"),
    "OTHER-CATEGORY": ("home", "antar_cepat", "2026-12-03"),
    "DAY-BEFORE": ("fashion", "antar_cepat", "2026-11-30"),
}


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody in a folder with the shipped packs and her own cases.

    Attributes:
        at_a_terminal: each command is a process of its own, which takes longer.
    """

    folder: Path
    at_a_terminal: bool = False

    def types(self, command: str) -> tuple[int, str]:
        """Run a command; return its exit code and what it printed. None shows a traceback."""
        _, *words = shlex.split(command)
        return self._in_a_process(words) if self.at_a_terminal else self._here(words)

    def _here(self, words: list[str]) -> tuple[int, str]:
        with contextlib.chdir(self.folder):
            result = CliRunner().invoke(app, words, prog_name="reso")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.output

    def _in_a_process(self, words: list[str]) -> tuple[int, str]:
        reso = str(Path(sys.executable).with_name("reso"))
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [reso, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done.returncode, done.stdout

    def policy(self) -> str:
        """Return the file that changes."""
        return (self.folder / "rules/tokopedia_shop/policy.yaml").read_text(encoding="utf-8")


@pytest.fixture
def author(tmp_path: Path) -> Author:
    copy_packs(tmp_path / "rules", CHANGED)
    shutil.copytree(tmp_path / "rules/tokopedia_shop", tmp_path / "rules/before")
    cases = [
        CASE.format(id=id_, category=category, courier=courier, delivered=delivered)
        for id_, (category, courier, delivered) in HER_CASES.items()
    ]
    (tmp_path / "mine.yaml").write_text("cases:\n" + "".join(cases), encoding="utf-8")
    return Author(tmp_path)


@pytest.mark.slow
def test_a_window_is_longer_for_two_weeks_and_then_as_before(author: Author) -> None:
    author = replace(author, at_a_terminal=True)
    usual = author.policy()

    code, printed = author.types(f"{WINDOW} {DAYS} {WHERE} {WHY}")
    assert (code, "rules/tokopedia_shop/policy.yaml: written" in printed) == (0, True)
    assert "+    because: Flood at the Semarang hub\n" in printed

    code, printed = author.types("reso check rules/tokopedia_shop")
    assert (code, "no problems" in printed) == (0, True), printed
    code, printed = author.types("reso test rules/tokopedia_shop")
    assert (code, ", 0 failed" in printed) == (0, True), printed

    code, printed = author.types("reso diff rules/before rules/tokopedia_shop mine.yaml")
    assert code == 1
    assert "Cases: 1 of " in printed
    assert [id_ for id_ in HER_CASES if f"  {id_}  mine.yaml" in printed] == ["REACHED"]
    rows = [line.split() for line in printed.splitlines()]
    assert ["decision", "release_to_seller", "wait"] in rows
    assert ["buyer_window", "6", "calendar", "days", "21", "calendar", "days"] in rows
    assert "why, old: The request was filed at 12 Dec 2026 09:00 WIB" in printed

    explain = "reso explain mine.yaml --id REACHED --lang en -p"
    code, printed = author.types(f"{explain} rules/before")
    assert (code, printed.splitlines()[0]) == (0, "The money goes to the seller.")
    code, printed = author.types(f"{explain} rules/tokopedia_shop")
    assert (code, "we are waiting for the seller" in printed.splitlines()[0]) == (0, True)

    code, printed = author.types(
        "reso unset buyer_window -p rules/tokopedia_shop --from 2026-12-01"
    )
    assert (code, author.policy()) == (0, usual), printed
    code, printed = author.types("reso diff rules/before rules/tokopedia_shop mine.yaml")
    assert (code, "say the same" in printed) == (0, True), printed


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param(
            f"{WINDOW.replace('buyer_window', 'return_window')} {DAYS} {WHERE} {WHY}",
            "rules/tokopedia_shop: there is no parameter `return_window`. "
            "Did you mean `buyer_window`?",
            id="a name of her own",
        ),
        pytest.param(
            f"{WINDOW.replace('calendar', 'calender')} {DAYS} {WHERE} {WHY}",
            "VALUE: `21 calender days`: did not expect `calender` here. Did you mean `calendar`?",
            id="a letter wrong",
        ),
        pytest.param(
            f"{WINDOW} --from 2026-11-31 --until 2026-12-15 {WHERE} {WHY}",
            "--from: `2026-11-31` is not a day of the calendar. Write it like 2026-03-18.",
            id="no such day",
        ),
        pytest.param(
            f"{WINDOW} --from 2026-12-15 --until 2026-12-01 {WHERE} {WHY}",
            "--until: 2026-12-01 is not after 2026-12-15. "
            "It is the first day on which all is as usual again.",
            id="days the wrong way round",
        ),
        pytest.param(
            f"{WINDOW} {DAYS} {WHERE.replace('courier', 'carrier')} {WHY}",
            "--where: `order.category is fashion and shipping.carrier is antar_cepat`: unknown "
            "name `shipping.carrier`. Did you mean `shipping.courier`?",
            id="an unknown courier field",
        ),
        pytest.param(
            f"{WINDOW} {DAYS} {WHERE.replace('antar_cepat', 'Antar Cepat')} {WHY}",
            "--where: `order.category is fashion and shipping.courier is Antar Cepat`: did not "
            'expect `Cepat` here. Words with a space between them need quotes: `"Antar Cepat"`.',
            id="a courier with a space",
        ),
        pytest.param(
            f"{WINDOW} {DAYS} {WHERE.replace('fashion', 'fashon')} {WHY}",
            "--where: `order.category is fashon and shipping.courier is antar_cepat`: `fashon` is "
            "not one of electronics, fashion, home, beauty, health, toys, …. "
            "Did you mean `fashion`?",
            id="an unknown category",
        ),
        pytest.param(
            f"{WINDOW} {DAYS} {WHERE} --because flood",
            '--reach: say what falls on these days. One of: "orders placed", "parcels '
            'delivered", "claims filed", or "clocks running" (also clocks that began before).',
            id="no word on what it reaches",
        ),
        pytest.param(
            f"{WINDOW.replace('tokopedia_shop', 'tokopedia')} {DAYS} {WHERE} {WHY}",
            "rules/tokopedia: no such folder. Name the folder of a policy pack.",
            id="no such pack",
        ),
        pytest.param(
            "reso unset buyer_window -p rules/tokopedia_shop --from 2026-12-02",
            "--from: no overlay on `buyer_window` begins on 2026-12-02. It has none to take back.",
            id="nothing to take back",
        ),
        pytest.param(
            "reso diff rules/before rules/tokopedia_shop mien.yaml",
            "mien.yaml: cannot be read (No such file or directory). Check the path.",
            id="a file that is not there",
        ),
        pytest.param(
            "reso explain mine.yaml -p rules/tokopedia_shop",
            "mine.yaml: holds 4 cases. "
            "Choose one with --id: REACHED, OTHER-COURIER, OTHER-CATEGORY, DAY-BEFORE.",
            id="which of her cases",
        ),
    ],
)
def test_a_clumsy_step_is_told_in_one_line(author: Author, command: str, message: str) -> None:
    usual = author.policy()
    assert author.types(command) == (2, f"{message}\n")
    assert author.policy() == usual


def test_a_window_that_takes_time_from_some_is_pointed_out(author: Author) -> None:
    shorter = WINDOW.replace("21", "14")
    code, printed = author.types(f"{shorter} {DAYS} {WHERE} {WHY} --dry-run")
    assert code == 0
    assert (
        "Note: 14 calendar days is shorter than the usual 15 calendar days where "
        "order.seller_tier is mall: parcels delivered on these days get less time there."
    ) in printed


def test_a_running_clock_is_not_shortened(author: Author) -> None:
    author = replace(author, at_a_terminal=True)
    setting = "reso set seller_time '1 business day' -p rules/lazada_sg_drtm"
    code, printed = author.types(f"{setting} {DAYS} --reach 'clocks running' --dry-run")
    assert code == 0
    assert (
        "Note: 1 business day is shorter than the usual value. An overlay never shortens a clock "
        "that is running: this one changes nothing.\n"
    ) in printed


def test_a_second_window_for_the_same_days_is_refused(author: Author) -> None:
    assert author.types(f"{WINDOW} {DAYS} {WHERE} {WHY}")[0] == 0
    once = author.policy()
    code, printed = author.types(f"{WINDOW.replace('21', '30')} {DAYS} {WHERE} {WHY}")
    assert (code, author.policy()) == (1, once)
    assert "two overlays on `buyer_window` share days" in printed
    assert printed.endswith("Nothing was written: there would be 1 problem.\n")


def test_a_word_of_her_own_in_a_case_file_is_not_passed_over(author: Author) -> None:
    mine = author.folder / "mine.yaml"
    text = mine.read_text(encoding="utf-8").replace("{courier: lain}", "{kurir: lain}")
    mine.write_text(text, encoding="utf-8")
    assert author.types(f"{WINDOW} {DAYS} {WHERE} {WHY}")[0] == 0
    _, printed = author.types("reso diff rules/before rules/tokopedia_shop mine.yaml")
    assert "Cases: 1 of " in printed
    assert "1 case that neither can rule on\n  OTHER-COURIER  mine.yaml\n" in printed
    assert "shipping.kurir: unknown field. Did you mean `shipping.courier`?" in printed
