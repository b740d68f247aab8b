"""`reso check` starts with no more than it needs, and reads its words as all verbs do."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reso.cli import app
from tests.docs.blocks import ROOT
from tests.study.shop import write_shop

SLOW_TO_IMPORT = ("babel", "holidays", "pydantic", "rich", "reso.cases", "reso.engine.explain")
FOR_WHAT_IS_WRONG = ("lark", "pydantic", "rich", "reso.cases", "reso.engine.explain")
IMPORTED = """
import os, sys
if hasattr(os, "sched_setaffinity"):  # on one processor there is one process, which this looks at
    os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1])
from reso.cli import main
try:
    main()
finally:
    print([name for name in {names} if name in sys.modules], file=sys.stderr)
"""


def check(
    shop: Path, cache: Path, names: tuple[str, ...] = SLOW_TO_IMPORT, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-c", IMPORTED.format(names=names), "check", str(shop)),
        env={"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_after_an_edit_nothing_is_imported_that_is_slow_and_not_needed(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "rules" / "shop")
    assert "rule-without-case" in check(shop, tmp_path / "cache").stdout
    numbers = shop / "numbers.yaml"
    numbers.write_text(numbers.read_text().replace("48 hours", "36 hours"))
    done = check(shop, tmp_path / "cache")
    assert "rule-without-case" in done.stdout
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({}, id="nothing kept yet"),
        pytest.param({"RESO_NO_CACHE": "1"}, id="nothing to be kept"),
    ],
)
def test_a_first_check_imports_nothing_that_only_tells_what_is_wrong(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    shop = write_shop(tmp_path / "rules" / "shop")
    done = check(shop, tmp_path / "cache", FOR_WHAT_IS_WRONG, **variables)
    assert "rule-without-case" in done.stdout
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["--lang", "xx"], "'xx' is not one of 'id', 'en'", id="no language"),
        pytest.param([], "Missing argument 'PACK'", id="no pack"),
        pytest.param(["nowhere"], "nowhere: no such folder", id="no folder"),
        pytest.param(["--strict=maybe", "."], "does not take a value", id="a flag with a value"),
    ],
)
def test_wrong_words_are_refused_as_ever(words: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["check", *words])
    assert done.exit_code == 2
    assert told in done.output


def test_the_language_of_the_variable_is_spoken(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "rules" / "shop")
    said = CliRunner().invoke(app, ["check", str(shop)], env={"RESO_LANG": "id"})
    refused = CliRunner().invoke(app, ["check", str(shop)], env={"RESO_LANG": "xx"})
    assert "peringatan" in said.output
    assert (said.exit_code, refused.exit_code) == (0, 2)
