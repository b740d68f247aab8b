"""`reso new` makes a pack that is whole, right and tidy from its first moment."""

from pathlib import Path

import pytest

from reso.authoring.layout import formatted
from tests.authoring.conftest import Reso


@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="Indonesia"),
        pytest.param(
            ["--currency", "SGD", "--time-zone", "Asia/Singapore", "--calendar", "SG"],
            id="Singapore",
        ),
        pytest.param(
            ["--currency", "USD", "--time-zone", "America/New_York", "--calendar", "US"],
            id="New York",
        ),
    ],
)
def test_a_new_pack_checks_clean_and_its_cases_pass(reso: Reso, options: list[str]) -> None:
    made = reso("new", "my_shop", *options)
    assert made.stdout == (
        "rules/my_shop/cases/no_claim.yaml: written\n"
        "rules/my_shop/cases/request.yaml: written\n"
        "rules/my_shop/no_claim.yaml: written\n"
        "rules/my_shop/policy.yaml: written\n"
        "rules/my_shop/request.yaml: written\n"
        "Next: read rules/my_shop/policy.yaml, then\n"
        "  reso check rules/my_shop\n"
        "  reso test rules/my_shop\n"
    )
    assert reso("check", "rules/my_shop", "--strict").exit_code == 0
    tested = reso("test", "rules/my_shop")
    assert tested.stdout.endswith("\n13 passed, 0 failed\n")
    for file in Path("rules/my_shop").rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert "@" not in text
        assert formatted(text, file.name) == text


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["tokopedia_shop"],
            "rules/tokopedia_shop: it is there already. Choose another name.",
            id="there already",
        ),
        pytest.param(
            ["My Shop"],
            "NAME: `My Shop` cannot be the name of a pack. "
            "Use small letters, digits and _, such as `my_shop`.",
            id="no name",
        ),
        pytest.param(
            ["x", "--in", "no/where"],
            "no/where: no such folder. Make it, or say another with --in.",
            id="no folder",
        ),
        pytest.param(
            ["x", "--currency", "IDX"],
            "currency `IDX`: no such currency. Write its ISO 4217 code, such as `IDR`.",
            id="no currency",
        ),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    reso: Reso, args: list[str], message: str
) -> None:
    before = sorted(Path("rules").iterdir())
    done = reso("new", *args)
    assert (done.stderr, done.exit_code) == (message + "\n", 2)
    assert sorted(Path("rules").iterdir()) == before


@pytest.mark.parametrize("option", ["--time-zone", "--calendar"])
def test_an_unknown_zone_or_calendar_is_one_line(reso: Reso, option: str) -> None:
    done = reso("new", "x", option, "Nowhere")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "Nowhere" in done.stderr


def test_a_pack_in_a_folder_of_its_own_gets_its_schemas(reso: Reso) -> None:
    Path("packs").mkdir()
    made = reso("new", "shop", "--in", "packs").stdout.splitlines()
    assert made[:2] == ["packs/.schema/policy.json: written", "packs/.schema/cases.json: written"]
    for file in Path("packs/shop").rglob("*.yaml"):
        schema = file.read_text(encoding="utf-8").partition("\n")[0].partition("$schema=")[2]
        kind = "cases.json" if file.parent.name == "cases" else "policy.json"
        assert (file.parent / schema).resolve() == Path("packs/.schema", kind).resolve()
    assert reso("new", "second", "--in", "packs").stdout.startswith("packs/second/")
