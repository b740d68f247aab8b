"""Every kind of flaw in a policy file is shown to its author where it stands, word for word."""

from contextlib import chdir
from pathlib import Path

import pytest

from reso.errors import InputError
from reso.policy.loader import check_pack, load_policy
from reso.policy.problems import PolicyError
from tests.policy.golden import FOLDER, Golden, renewing
from tests.strategies.small_packs import HEADER, OTHERWISE, problems_of, write_pack

GOLDEN = sorted(FOLDER.glob("*.txt"))
SOUND = HEADER + OTHERWISE


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in GOLDEN])
def test_the_author_is_told_exactly_this(path: Path) -> None:
    golden = Golden.read(path)
    if renewing():
        golden.renew()
    assert golden.found() == golden.said


def test_a_sound_pack_has_no_problems() -> None:
    assert problems_of(("policy.yaml", SOUND)) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("# Only a remark.\n", id="a remark"),
        pytest.param("\ufeffrules:\n  r: {when: claim is known, conclude: deny}\n", id="a mark"),
        pytest.param("rules:\r\n  r: {when: claim is known, conclude: deny}\r\n", id="Windows"),
    ],
)
def test_a_file_may_hold(text: str) -> None:
    assert problems_of(("policy.yaml", SOUND), ("rules.yaml", text)) == []


def test_a_file_that_is_not_utf8_is_told_with_its_line() -> None:
    latin = 'title: "Toko"\nnotes: "caf\xe9"\n'.encode("latin-1")
    assert problems_of(("policy.yaml", SOUND), ("rules.yaml", latin)) == [
        "pack/rules.yaml:2:1: byte 0xe9 is not UTF-8. Save the file as UTF-8. [not-utf-8]"
    ]


def test_a_file_too_large_is_not_read() -> None:
    assert problems_of(("policy.yaml", SOUND), ("rules.yaml", "#" * 4_000_001)) == [
        "pack/rules.yaml:1:1: file of 4,000,001 bytes; at most 4,000,000. [file-too-large]"
    ]


def test_a_fact_declared_otherwise_than_elsewhere_is_told_with_where() -> None:
    (told,) = problems_of(
        ("policy.yaml", SOUND), ("inputs.yaml", "inputs:\n  order:\n    total_paid: {type: text}\n")
    )
    assert told.startswith("pack/inputs.yaml:3:5: order.total_paid: is declared differently in ")
    assert "reso/facts/core.yaml:" in told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("claim is known", "claim is none", id="known and none"),
        pytest.param("claim is none", "claim.type is damaged", id="none, and a field of it"),
        pytest.param("claim.type is damaged", "claim.type is broken", id="two values"),
        pytest.param(
            "claim.type is damaged", "claim.type is not damaged", id="a value, and not that value"
        ),
        pytest.param(
            "claim.type is one of [damaged, broken]",
            "claim.type is not one of [damaged, broken]",
            id="in the list, and not in it",
        ),
        pytest.param("damaged", "claim.type is broken", id="a finding is read"),
        pytest.param("order.easy_return_label", "not order.easy_return_label", id="a flag"),
        pytest.param(
            "order.total_paid > 5 IDR", "order.total_paid is none", id="compared, and none"
        ),
        pytest.param(
            "[claim.type is damaged, exists tracking where event is delivered]",
            "[claim.type is broken, exists evidence where type is photo]",
            id="apart, with free conditions beside it",
        ),
    ],
)
def test_chapters_that_never_both_hold_are_fine(one: str, other: str) -> None:
    chapters = (
        "findings: {damaged: claim.type is damaged}\n"
        f"chapters:\n  one: {{when: {_quoted(one)}}}\n  other: {{when: {_quoted(other)}}}\n"
    )
    assert problems_of(("policy.yaml", SOUND), ("chapters.yaml", chapters)) == []


def _quoted(condition: str) -> str:
    """Return a condition as YAML; what stands in a list of its own `where` needs no quotes."""
    return condition if condition.startswith("[") else f'"{condition}"'


def test_many_conditions_set_chapters_apart_just_the_same() -> None:
    types = "damaged, broken, defective, counterfeit, expired_item, wrong_item"
    wheres = ", ".join(
        f'"exists evidence where type is one of [photo, video, invoice] and at after {fact}"'
        for fact in (
            "order.placed_at",
            "order.paid_at",
            "order.payment_verified_at",
            "order.completed_at",
            "order.guarantee_ends_at",
            "claim.filed_at",
            "claim.contact_at",
        )
    )
    chapters = f"""
chapters:
  one: {{when: ["claim.type is one of [{types}]", {wheres}]}}
  other: {{when: ["claim.type is not one of [{types}]", {wheres}]}}
"""
    assert problems_of(("policy.yaml", SOUND), ("chapters.yaml", chapters)) == []


def test_loading_raises_all_problems_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    files = [
        ("policy.yaml", SOUND),
        ("b.yaml", "rules:\n  r: {when: a, conclude: b}\n"),
        ("a.yaml", "findings: {f: order.x is known}\n"),
    ]
    folder = write_pack(tmp_path, files)
    with chdir(tmp_path), pytest.raises(PolicyError) as caught:
        load_policy(Path(folder.name))
    places = [(problem.file, problem.line) for problem in caught.value.problems]
    assert places == [("pack/a.yaml", 1), ("pack/b.yaml", 2), ("pack/b.yaml", 2)]
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("nowhere", "nowhere: no such folder. Name the folder of a policy pack.",
                     id="no folder"),
        pytest.param("pack", "pack: no policy file (*.yaml) in it", id="an empty folder"),
    ],
)  # fmt: skip
def test_a_folder_that_holds_no_pack_is_told(tmp_path: Path, name: str, told: str) -> None:
    write_pack(tmp_path, [])
    with chdir(tmp_path), pytest.raises(InputError) as caught:
        check_pack(Path(name))
    assert str(caught.value) == told
