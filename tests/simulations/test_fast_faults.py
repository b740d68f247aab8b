"""What SQL gets wrong of a dispute, and what no kind can be told of, is never shared."""

from typing import Never

import pytest

from simulations.fast import standings
from simulations.fast.agreeing import Agreement
from simulations.fast.facts import AsOf
from simulations.fast.kinds import DIFFERS, REFUSED, KindFaultError
from simulations.fast.leading import Leader
from simulations.fast.questions import QuestionColumns
from simulations.fast.replaying import Replay, replay
from simulations.fast.traced import UntraceableError
from simulations.prepared.preparing import Prepared, prepare_history
from tests.simulations.compare_replays import by_reference, rows_of
from tests.simulations.hard_lives import named
from tests.simulations.shop import claim, history, order, pack, says, scan

POLICY = pack().policy
LIVES = {
    "D-1": [*order(), claim("not_received")],
    "D-2": [*order(), claim("not_received"), scan("delivered", 30)],
    "D-3": [*order(paid=70_000), claim("not_received"), says("seller", "message", 40)],
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    told = history(event for name, life in LIVES.items() for event in named(life, name))
    return prepare_history(told, POLICY.table, cache=tmp_path_factory.mktemp("prepared"))


def led(prepared: Prepared, *, strict: bool = False) -> Replay:
    return replay(prepared, POLICY, None, strict=strict)


def assert_right(ran: Replay, prepared: Prepared) -> None:
    assert rows_of(ran) == by_reference(prepared, POLICY)


# -- faults that a test makes ------------------------------------------------------------------


def end_an_hour_late(monkeypatch: pytest.MonkeyPatch) -> None:
    right = QuestionColumns._end
    monkeypatch.setattr(
        QuestionColumns, "_end", lambda self, *given: f"({right(self, *given)} + 3600000000)"
    )


def let_no_rule_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "_without", lambda holds, against: "FALSE")


def misread_what_was_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    right = AsOf._stated

    def wrong(self: AsOf, path: str, *given: object) -> str:
        if path == "order.total_paid":
            return "99999"
        return right(self, path, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(AsOf, "_stated", wrong)


FAULTS = {
    "question arrival": end_an_hour_late,
    "rule lost": let_no_rule_decide,
    "value": misread_what_was_paid,
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    FAULTS[request.param](monkeypatch)
    return request.param  # type: ignore[no-any-return]


def test_what_sql_says_otherwise_than_the_engine_is_raised(prepared: Prepared, fault: str) -> None:
    with pytest.raises(KindFaultError, match=f"{DIFFERS}: {fault}.*SQL says"):
        led(prepared, strict=True)


def test_unless_it_is_to_be_raised_the_reference_leads_and_it_is_counted(
    prepared: Prepared, fault: str
) -> None:
    ran = led(prepared)
    assert ran.by_reference
    assert all(why.startswith(f"{DIFFERS}: ") for why in ran.by_reference)
    assert any(fault in why for why in ran.by_reference)
    assert_right(ran, prepared)


@pytest.fixture
def unheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make SQL wrong of how questions stand, and let nobody see it when a dispute is led."""
    right = QuestionColumns._code
    monkeypatch.setattr(
        QuestionColumns, "_code", lambda self, *given: f"({right(self, *given)} + 64)"
    )
    monkeypatch.setattr(Agreement, "difference", lambda *given: None)


@pytest.mark.usefixtures("unheld")
def test_who_is_not_of_the_kind_it_was_led_as_is_raised(prepared: Prepared) -> None:
    with pytest.raises(KindFaultError, match=f"{REFUSED} .*code:arrival"):
        led(prepared, strict=True)


@pytest.mark.usefixtures("unheld")
def test_or_the_reference_leads_it_and_all_like_it(prepared: Prepared) -> None:
    ran = led(prepared)
    assert ran.by_reference[REFUSED] >= 1
    assert_right(ran, prepared)


# -- what no kind can be told of ---------------------------------------------------------------


def test_why_there_is_no_kind_of_a_dispute_is_counted(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(*given: object) -> Never:
        raise UntraceableError("a source that is down")

    monkeypatch.setattr(Leader, "step", step)
    ran = led(prepared, strict=True)
    assert ran.by_reference == {"no kind: a source that is down": len(LIVES)}
    assert_right(ran, prepared)
