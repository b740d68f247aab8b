"""What `reso inspect` says of rows that could not be used, and while it reads."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from simulations import progress, verbs
from simulations.inspecting import MOST_ASIDE
from tests.commands import whole_app
from tests.simulations.shop import FIXTURE, shop

ROWS = [json.loads(line) for line in (FIXTURE / "history.jsonl").read_text().splitlines()]
SHOWN, OTHER = "D-001", "D-002"


def inspected(file: Path, dispute: str = SHOWN, *args: str) -> Result:
    asked = ["inspect", dispute, "--history", str(file), "-p", str(shop()), *args]
    return CliRunner().invoke(whole_app(), asked)


def history(folder: Path, *more: object, without: str = "") -> Path:
    """Return the shipped history, without the rows of one dispute, and with more rows."""
    file = folder / "history.jsonl"
    rows = [row for row in ROWS if row["dispute_id"] != without]
    lines = [line if isinstance(line, str) else json.dumps(line) for line in (*rows, *more)]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def undated(dispute: str) -> dict[str, object]:
    first = next(row for row in ROWS if row["dispute_id"] == SHOWN)
    return {**first, "dispute_id": dispute, "recorded_at": "yesterday"}


def test_rows_put_aside_of_the_dispute_and_in_all_are_told(tmp_path: Path) -> None:
    file = history(tmp_path, undated(SHOWN), undated(OTHER), undated(SHOWN), "no row")
    told = inspected(file, SHOWN, "--lang", "en")
    assert told.exit_code == 0, told.output
    *_, here, first, second, in_all = told.stdout.splitlines()
    assert here == "rows of this dispute that were put aside and are not shown above: 2"
    for line, row in ((first, len(ROWS) + 1), (second, len(ROWS) + 3)):
        place = f"  - {file}: row {row:,}"
        assert line.startswith(f"{place}: recorded_at: `yesterday` is not an instant")
    assert in_all.startswith("rows put aside in the whole history: 4; `reso replay` with --rejects")


def test_they_are_told_in_indonesian(tmp_path: Path) -> None:
    told = inspected(history(tmp_path, undated(SHOWN)), SHOWN, "--lang", "id").stdout
    assert "baris sengketa ini yang disisihkan dan tidak tampak di atas: 1\n" in told
    assert "baris yang disisihkan di seluruh riwayat: 1;" in told


def test_of_another_dispute_only_their_number_is_told(tmp_path: Path) -> None:
    told = inspected(history(tmp_path, undated(OTHER)), SHOWN, "--lang", "en").stdout
    assert "not shown above: 0\n" in told
    assert "in the whole history: 1;" in told
    assert "yesterday" not in told


def test_of_many_the_first_are_shown(tmp_path: Path) -> None:
    file = history(tmp_path, *[undated(SHOWN)] * (MOST_ASIDE + 5))
    told = inspected(file, SHOWN, "--lang", "en").stdout
    assert told.count("`yesterday`") == MOST_ASIDE
    assert "  and 5 more\n" in told


def test_where_all_rows_can_be_used_nothing_is_said(tmp_path: Path) -> None:
    assert "aside" not in inspected(history(tmp_path)).stdout


def test_a_dispute_whose_rows_were_all_put_aside_is_not_said_to_be_missing(tmp_path: Path) -> None:
    file = history(tmp_path, undated(SHOWN), undated(SHOWN), without=SHOWN)
    told = inspected(file)
    assert (told.exit_code, told.stdout) == (2, "")
    row = sum(one["dispute_id"] != SHOWN for one in ROWS) + 1
    assert told.stderr.startswith(
        f"{file}: row {row}: every row of `{SHOWN}` was put aside, 2 in all; this one: recorded_at:"
    )


def test_while_it_reads_a_bar_shows_how_long_that_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, seen = io.StringIO(), []
    terminal = Console(file=screen, force_terminal=True, width=120)
    monkeypatch.setattr(progress, "Console", lambda stderr: terminal)
    read = verbs.read_source

    def slow(*given: object) -> object:
        found = read(*given)  # type: ignore[arg-type]
        seen.append(screen.getvalue())
        return found

    monkeypatch.setattr(verbs, "read_source", slow)
    assert inspected(FIXTURE).exit_code == 0
    (shown,) = seen
    assert "read" in shown
    assert "0:00:0" in shown
