"""`reso unset` takes back what `reso set --until` wrote, and nothing else."""

from pathlib import Path

import pytest

from reso.policy.loader import check_pack
from tests.authoring.conftest import Reso

PACK = Path("rules/shop")
FILE = PACK / "policy.yaml"
SET = ["set", "buyers", "9", "-p", str(PACK), "--reach", "claims filed"]
MARCH = ["--from", "2026-03-01", "--until", "2026-04-01"]
MAY = ["--from", "2026-05-01", "--until", "2026-06-01"]
SECTIONS = [
    pytest.param("", id="none"),
    pytest.param("overlays: []\n", id="an empty list"),
    pytest.param(
        "overlays:\n  - parameter: buyers\n    from: 2026-01-01\n    until: 2026-01-02\n"
        "    value: 4\n    reach: claims filed  # one day\n",
        id="a list",
    ),
    pytest.param(
        "overlays: [{parameter: buyers, from: 2026-01-01, until: 2026-01-02, value: 4, "
        "reach: claims filed}]\n",
        id="in brackets",
    ),
]


def write(section: str) -> str:
    text = FILE.read_text(encoding="utf-8") + section
    FILE.write_text(text, encoding="utf-8")
    return text


@pytest.mark.parametrize("section", [one for one in SECTIONS if one.id != "an empty list"])
def test_what_was_set_and_taken_back_was_never_there(reso: Reso, section: str) -> None:
    before = write(section)
    assert reso(*SET, *MARCH).exit_code == 0
    assert FILE.read_text(encoding="utf-8") != before
    done = reso("unset", "buyers", "-p", str(PACK), "--from", "2026-03-01")
    assert (done.exit_code, done.stderr) == (0, "")
    assert FILE.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("taken", [MARCH, MAY], ids=["the first", "the last"])
def test_the_others_stay(reso: Reso, section: str, taken: list[str]) -> None:
    write(section)
    kept = MAY if taken is MARCH else MARCH
    for days in (kept, taken):
        assert reso(*SET, *days).exit_code == 0
    assert reso("unset", "buyers", "-p", str(PACK), *taken[:2]).exit_code == 0
    text = FILE.read_text(encoding="utf-8")
    assert kept[1] in text
    assert taken[1] not in text
    assert check_pack(PACK)[1] == []


def test_of_two_on_one_day_the_conditions_say_which(reso: Reso) -> None:
    mall = ["--where", "order.seller_tier is mall"]
    assert reso(*SET, *MARCH).exit_code == 0
    assert reso(*SET, *MARCH, *mall, "--exception").exit_code == 0
    unset = ["unset", "buyers", "-p", str(PACK), "--from", "2026-03-01"]
    assert reso(*unset).stderr == (
        "--where: 2 overlays on `buyers` begin on 2026-03-01 with these conditions. "
        "Say those of the one to take back.\n"
    )
    assert reso(*unset, *mall).exit_code == 0
    assert "exception" not in FILE.read_text(encoding="utf-8")


def test_its_author_is_told_what_that_does(reso: Reso) -> None:
    reso(*SET, *MARCH)
    before = FILE.read_bytes()
    done = reso("unset", "buyers", "-p", str(PACK), "--from", "2026-03-01", "--dry-run")
    assert "-    from: 2026-03-01\n" in done.stdout
    assert (
        "Note: All its cases have the usual value again, also those it helped. "
        "To end it early instead, change its `until` in the file.\n"
    ) in done.stdout
    assert FILE.read_bytes() == before


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["buyers", "--from", "2026-03-02"],
            "--from: no overlay on `buyers` begins on 2026-03-02. There are some from 2026-03-01.",
            id="another day",
        ),
        pytest.param(
            ["rate", "--from", "2026-03-01"],
            "--from: no overlay on `rate` begins on 2026-03-01. It has none to take back.",
            id="no overlay",
        ),
        pytest.param(
            ["buyer", "--from", "2026-03-01"],
            "rules/shop: there is no parameter `buyer`. Did you mean `buyers`?",
            id="no such parameter",
        ),
        pytest.param(
            ["buyers", "--from", "1 March"],
            "--from: `1 March` is not a day of the calendar. Write it like 2026-03-18.",
            id="no day",
        ),
    ],
)
def test_what_cannot_be_taken_back_is_refused_in_one_line(
    reso: Reso, args: list[str], message: str
) -> None:
    reso(*SET, *MARCH)
    before = FILE.read_bytes()
    done = reso("unset", *args, "-p", str(PACK))
    assert (done.stdout, done.stderr, done.exit_code) == ("", message + "\n", 2)
    assert FILE.read_bytes() == before
