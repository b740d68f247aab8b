"""Where two policies differ: what rules rest on, which disputes that decides, and their money."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from reso.study.compare import Changed, Part
from simulations.comparing.comparison import Comparison, More
from simulations.comparing.figures import compare, reached
from simulations.comparing.regions import Grounds, key_of, parts_changed
from simulations.comparing.tables import Side, filled
from simulations.results import Result
from simulations.running import PolicyChoice
from tests.commands import whole_app
from tests.simulations.reports import MARKETPLACE, lived
from tests.simulations.shop import FIXTURE, pack, shop
from tests.simulations.test_comparing import paid, result


def parameter(name: str) -> Changed:
    return Changed("parameters", name, "changed", (Part("value", "1 hour", "2 hours"),))


def held(a: Result, b: Result, parts: Sequence[Changed]) -> Comparison:
    """Return what differs between two lives of a dispute under the small policy."""
    connection = duckdb.connect()
    for side, one in (("a", a), ("b", b)):
        filled([one])(connection, f"results_{side}", f"movements_{side}")
    found = compare(connection, *(Side(n, f"results_{n}", f"movements_{n}") for n in "ab"))
    grounds = Grounds(pack().policy)
    return reached(connection, found, parts, grounds, grounds)


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        pytest.param("lost", "wait", id="a parameter, by a clock"),
        pytest.param("lost", "arrival", id="a question"),
        pytest.param("lost", "claim.type", id="a fact, by a question"),
        pytest.param("approved", "answer_time", id="a parameter, by two clocks in a row"),
        pytest.param("lost", "chapters request", id="the chapter"),
        pytest.param("judged", "settlements whole", id="how it becomes an amount"),
        pytest.param("offered", "consent half", id="who has to say yes"),
        pytest.param("judged", "escrow goods", id="what the order holds"),
    ],
)
def test_a_rule_rests_on_what_its_outcome_is_made_of(rule: str, part: str) -> None:
    assert part in Grounds(pack().policy).of(rule)


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        pytest.param("judged", "wait", id="another question's clock"),
        pytest.param("came", "settlements whole", id="an amount where nothing is refunded"),
        pytest.param("judged", "consent half", id="the yes to another remedy"),
        pytest.param("nobody_knows_it", "wait", id="a name that is no rule"),
    ],
)
def test_a_rule_does_not_rest_on_what_decides_others(rule: str, part: str) -> None:
    assert part not in Grounds(pack().policy).of(rule)


@pytest.mark.slow
def test_what_the_house_policy_calls_lost_rests_on_the_days_it_waits() -> None:
    policy = lived().pack.policy
    grounds = {rule.name: Grounds(policy).of(rule.name) for rule in policy.rules}
    lost = {name for name, rests_on in grounds.items() if "lost_at" in rests_on}
    assert "given_up" in lost
    assert all("lost_after" in grounds[name] for name in lost)


@pytest.mark.parametrize(
    ("section", "name", "key"),
    [
        ("parameters", "wait", "wait"),
        ("overlays", "wait from 2026-01-01 until 2026-02-01 (2)", "wait"),
        ("stages", "return_and_refund (goods), comes_back", "comes_back"),
        ("consent", "half", "consent half"),
    ],
)
def test_a_part_is_found_under_what_rules_call_it(section: str, name: str, key: str) -> None:
    assert key_of(Changed(section, name, "changed", ())) == key


def test_a_part_that_worked_at_a_settlement_on_the_way_has_the_dispute_and_its_money() -> None:
    a = result("D-1", "lapsed", reason="came", reasons=("came",))
    moved = paid("courier", "buyer", 90)
    b = result("D-1", "escalated", moved, reason="human", reasons=("lost", "human"))
    found = held(a, b, [parameter("wait"), parameter("answer_time")])
    money = (More("buyer", "IDR", -90), More("courier", "IDR", 90))
    assert [(one.part.name, one.disputes, one.money) for one in found.reach] == [
        ("wait", 1, money),
        ("answer_time", 0, ()),
    ]
    assert found.outside == 0
    assert [(one.rule_b, one.rule_a, one.money) for one in found.regions] == [
        ("human", "came", money)
    ]


def test_a_dispute_that_rests_on_no_part_that_differs_is_counted_apart() -> None:
    a = result("D-1", "imposed", reason="dismissed", reasons=("dismissed",))
    b = result("D-1", "imposed", paid("seller", "buyer", 9), reason="judged", reasons=("judged",))
    found = held(a, b, [parameter("wait")])
    assert (found.reach[0].disputes, found.outside) == (0, 1)


def test_the_way_of_a_life_names_every_settlement_and_hand_over() -> None:
    whole = lived()
    ways = [one for one in whole.results if len(one.reasons) > 1]
    assert ways
    for one in (one for one in whole.results if one.ended in ("agreed", "lapsed", "imposed")):
        assert one.reasons[-1] == one.reason


def test_a_value_that_differs_is_printed_whole_with_its_money() -> None:
    asked = ("replay", str(FIXTURE), "-p", str(MARKETPLACE.folder))
    ran = CliRunner().invoke(whole_app(), [*asked, "--against-set", "lost_after=1 hour"])
    assert ran.exit_code == 0, ran.output
    lines = ran.stdout.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("parameters lost_after: "))
    other = PolicyChoice(MARKETPLACE.folder, {"lost_after": "1 hour"})
    (changed,) = parts_changed(MARKETPLACE, other)
    assert len(changed.parts[0].new) > 100
    assert lines[place + 1 : place + 3] == [
        "  B: value: 1 hour",
        f"  A: value: {changed.parts[0].new}",
    ]


def test_a_policy_of_another_currency_is_named_before_anything_is_led(
    tmp_path: Path,
) -> None:
    foreign = MARKETPLACE.folder.parent / "lost_parcel_only"
    message = f"{foreign}: the policy rules in BRL; 50 of the disputes are in IDR, first `D-001`. "
    for engine in ("reference", "fast"):
        for packs in (("-p", str(foreign)), ("-p", str(shop()), "--against", str(foreign))):
            cached = ("--engine", engine, "--cache", str(tmp_path))
            ran = CliRunner().invoke(whole_app(), ["replay", str(FIXTURE), *packs, *cached])
            assert (ran.exit_code, ran.stdout) == (2, "")
            assert ran.stderr.startswith(message), ran.stderr


def test_paying_the_seller_is_no_loss_of_the_buyer_under_a_pack_without_escrow() -> None:
    rules = FIXTURE.parents[1] / "rules"
    one, other = (str(rules / name) for name in ("marketplace", "visa_13_3"))

    def told(*args: str) -> Any:
        return json.loads(CliRunner().invoke(whole_app(), [*args, "--json"]).stdout)

    refunded = [told("replay", str(FIXTURE), "-p", p)["refunds"][0]["amount"] for p in (one, other)]
    compared = told("replay", str(FIXTURE), "-p", one, "--against", other)["comparison"]["money"]
    buyers = next(money for money in compared if money["party"] == "buyer")
    assert [buyers["a"], buyers["b"]] == refunded
