"""However large an input is, it is read or refused in bounded time and memory."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.measured import STATUS, check, decide
from tests.strategies.small_packs import HEADER, OTHERWISE, write_pack

LONG = pytest.mark.slow
pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="peak memory is read from /proc")
RULE = "  r{}: {{when: claim is known, conclude: deny}}\n"
AT = "2026-03-{:02}T11:{:02}:00+08:00"
CASE = {
    "claim": {"type": "not_received", "requested": "refund", "filed_at": AT.format(10, 15)},
    "order": {"currency": "IDR", "items_subtotal": 32_000, "total_paid": 33_000},
    "now": AT.format(13, 0),
}


def _rules(count: int, rule: str = RULE) -> str:
    return "rules:\n" + "".join(rule.format(number) for number in range(count))


def _chain(length: int) -> str:
    links = "".join(f"  f{number}: f{number + 1}\n" for number in range(length))
    return f"findings:\n{links}  f{length}: claim is known\n"


def _doubling(length: int) -> str:
    links = "".join(f"  f{n}: f{n + 1} and f{n + 1}\n" for n in range(length))
    chapters = "chapters:\n  a: {when: f0}\n  b: {when: claim is none}\n"
    return f"findings:\n{links}  f{length}: claim is known\n{chapters}"


def _chapters(count: int) -> str:
    chapters = "".join(f"  c{n}: {{when: order.total_paid = {n} IDR}}\n" for n in range(count))
    return f"chapters:\n{chapters}"


@pytest.mark.parametrize(
    ("text", "first", "seconds", "megabytes"),
    [
        pytest.param("#" * 50_000_000,
                     "rules.yaml:1:1: file of 50,000,000 bytes; at most 4,000,000",
                     1, 20, id="50 MB", marks=LONG),
        pytest.param(_rules(100_000),
                     "rules.yaml:1:1: file of 4,888,897 bytes; at most 4,000,000",
                     1, 20, id="100,000 rules"),
        pytest.param(_rules(100_000, "  r{}: {{when: no}}\n"),
                     "rules.yaml:37501:11: more than 150,000 words and values in one file. Split",
                     25, 300, id="100,000 short rules", marks=LONG),
        pytest.param(_rules(5_000), "no problems", 20, 100, id="5,000 sound rules", marks=LONG),
        pytest.param(_rules(3_000, "  r{}: {{when: clam is knwn, conclude: denny}}\n"),
                     "rules.yaml:1:1: reading stopped after 1,000 problems. Mend these first.",
                     15, 100, id="3,000 wrong rules", marks=LONG),
        pytest.param("rules: " + "[" * 10_000 + "]" * 10_000,
                     "rules.yaml:1:38: nested deeper than 30 levels",
                     5, 50, id="10,000 square brackets"),
        pytest.param("rules: " + "{a: " * 10_000 + "}" * 10_000,
                     "rules.yaml:1:125: nested deeper than 30 levels",
                     5, 50, id="10,000 curly brackets", marks=LONG),
        pytest.param("- " * 10_000, "rules.yaml:1:63: nested deeper than 30 levels",
                     5, 50, id="10,000 lists in lists", marks=LONG),
        pytest.param(f"findings:\n  f: '{'(' * 10_000}yes{')' * 10_000}'\n",
                     "rules.yaml:2:7: expression of 20,003 characters; at most 4,000 are read",
                     1, 20, id="10,000 round brackets in an expression"),
        pytest.param(f"notes: '{'x' * 3_900_000}'\n", "rules.yaml:1:1: `notes` says nothing here",
                     15, 100, id="a text of 3.9 MB", marks=LONG),
        pytest.param("#\n" * 1_900_000, "no problems", 20, 100, id="1,900,000 remarks", marks=LONG),
        pytest.param(_chain(3_000), "rules.yaml:32:3: `f0` leads here over more than 30",
                     10, 50, id="3,000 findings, each of the next"),
        pytest.param(_doubling(29), "rules.yaml:34:3: chapters `a` and `b` may both hold (f",
                     5, 50, id="a finding of 2^29 parts"),
        pytest.param(_chapters(400), "no problems", 10, 50, id="400 chapters"),
    ],
)  # fmt: skip
def test_a_policy_file_of(
    tmp_path: Path, text: str, first: str, seconds: float, megabytes: float
) -> None:
    folder = write_pack(tmp_path, [("policy.yaml", HEADER + OTHERWISE), ("rules.yaml", text)])
    done = check(folder)
    assert done.told[0].removeprefix(f"{folder}/").startswith(first)
    assert done.seconds < seconds
    assert done.megabytes < megabytes


def _scans(count: int, event: str = "in_transit") -> list[dict[str, str]]:
    return [{"at": AT.format(1 + n % 9, n % 60), "event": event} for n in range(count)]


def _yaml(data: dict[str, object]) -> str:
    tracking = data.pop("tracking", [])
    assert isinstance(tracking, list)
    lines = "".join(f'  - {{at: "{s["at"]}", event: {s["event"]}}}\n' for s in tracking)
    return f"claim: {json.dumps(data['claim'])}\norder: {json.dumps(data['order'])}\n" + (
        f'now: "{data["now"]}"\ntracking:\n{lines}'
    )


@pytest.mark.parametrize(
    ("name", "write", "first", "seconds", "megabytes"),
    [
        pytest.param("case.json", lambda: json.dumps({**CASE, "tracking": _scans(100_000)}),
                     "refund_full", 30, 300, id="100,000 scans as JSON", marks=LONG),
        pytest.param("case.yaml", lambda: _yaml({**CASE, "tracking": _scans(100_000)}),
                     "refund_full", 60, 300, id="100,000 scans as YAML", marks=LONG),
        pytest.param("case.json", lambda: json.dumps({**CASE, "tracking": _scans(100_000, "lost")}),
                     "case.json: tracking[0].event: `lost` is none of the known values",
                     10, 200, id="100,000 wrong scans", marks=LONG),
        pytest.param("case.json", lambda: json.dumps(CASE).replace("not_received", "x" * 10**7),
                     "case.json: claim.type: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is none of",
                     5, 100, id="a word of 10 MB", marks=LONG),
        pytest.param("case.yaml", lambda: "x: [" + "a," * 1_500_100 + "]",
                     "case.yaml: more than 1,500,000 parts. Write it as JSON", 60, 600,
                     id="1,500,100 words of YAML", marks=LONG),
        pytest.param("case.json", lambda: " " * 20_000_001,
                     "case.json: file of 20,000,001 bytes; at most 20,000,000", 2, 20,
                     id="more than 20 MB"),
        pytest.param("case.json", lambda: '{"order":' * 100_000,
                     "case.json: not readable as JSON: nested deeper than 50 levels", 2, 20,
                     id="100,000 levels of JSON"),
        pytest.param("case.yaml", lambda: "order: " + "[" * 100_000,
                     "case.yaml:1:58: nested deeper than 50 levels", 5, 50,
                     id="100,000 levels of YAML", marks=LONG),
        pytest.param("case.json", lambda: "[" + "[]," * 6_000_000 + "[]]",
                     "case.json: holds a list", 30, 900, id="6,000,000 lists of JSON",
                     marks=LONG),
    ],
)  # fmt: skip
def test_a_case_of(
    tmp_path: Path,
    name: str,
    write: Callable[[], str],
    first: str,
    seconds: float,
    megabytes: float,
) -> None:
    path = tmp_path / name
    path.write_text(write(), encoding="utf-8")
    done = decide(path)
    assert done.told[0].removeprefix(f"{tmp_path}/").startswith(first)
    assert done.seconds < seconds
    assert done.megabytes < megabytes
