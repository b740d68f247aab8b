"""Disputes without a claim: SQL and the reference replay come to the same, at less cost."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from reso.model.events import Event
from simulations.fast import replaying
from simulations.fast.replaying import replay
from simulations.prepared.preparing import Prepared, prepare, prepare_history
from tests.simulations.compare_replays import compare_prepared, rows_of
from tests.simulations.shop import at, claim, event, history, order, pack

Said = Mapping[str, str]

SAID: Mapping[str, tuple[tuple[Said, ...], bool]] = {
    "an answer": (({"party": "seller", "action": "reject"},), True),
    "a party, and no word of what": (({"party": "courier"},), True),
    "a message": (({"party": "buyer", "action": "message"},), False),
    "the old platform": (({"party": "platform", "action": "refund_full"},), False),
    "Customer Care": (({"party": "human_admin", "action": "approve"},), False),
    "nobody": (({"action": "approve"},), False),
    "a message, then an answer": (
        ({"party": "buyer", "action": "message"}, {"party": "buyer", "action": "escalate"}),
        True,
    ),
    "nothing": ((), False),
}


def told(name: str, said: tuple[Said, ...]) -> Iterator[Event]:
    yield from order(name)
    for hours, one in enumerate(said, start=1):
        yield event("responses", hours, name, **one)


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """Return a history of disputes of which one has a claim."""
    unclaimed = [one for name, (said, _) in SAID.items() for one in told(name, said)]
    half_claimed = event("claim", 3, "no time of filing", type="damaged")
    claimed = [*order("claimed"), claim("damaged", dispute="claimed")]
    return prepare_history(
        history([*unclaimed, half_claimed, *claimed]), pack().policy.table, cache=tmp_path
    )


@pytest.mark.parametrize("hours", [None, 1])
def test_both_replays_come_to_the_same(prepared: Prepared, hours: int | None) -> None:
    """What a party answers later counts as well: the result is held against all of the record."""
    until = None if hours is None else at(hours)
    compared = compare_prepared(prepared, pack().policy, until)
    assert not compared.differences, compared.told()
    assert compared.disputes == len(SAID) + 2
    assert compared.by_reference == {}


def test_an_answer_is_what_a_party_did(prepared: Prepared) -> None:
    rows = rows_of(replay(prepared, pack().policy, None))
    assert {name: rows[name]["has_answers"] for name in SAID} == {
        name: is_answer for name, (_, is_answer) in SAID.items()
    }


def test_the_reference_replay_is_not_asked(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(replaying, "one_result", lambda *given: asked.append(given))
    done: list[int] = []
    replay(prepared, pack().policy, None, progress=done.append)
    assert (asked, sum(done)) == ([], len(SAID) + 2)


def test_rows_that_sql_was_not_sure_of_come_to_the_same(tmp_path: Path) -> None:
    """Payloads with spaces, escapes and a number too long to be sure of, as a file has them."""
    payloads = {
        "spaces": '{ "party" :\\n "seller", "action": "reject" }',
        "escapes": '{"party": "s\\\\u0065ller", "action": "mess\\\\u0061ge"}',
        "digits": '{"party": "buyer", "action": "approve", "amount": 0000000000000000012.00}',
    }
    lines = [
        f"('{name}', 'responses', E'{payload}')"
        for name, payload in payloads.items()
    ]  # fmt: skip
    file = tmp_path / "events.parquet"
    duckdb.sql(
        "SELECT dispute_id, '2026-03-02T09:00:00+07:00' AS occurred_at, "
        "'2026-03-02T09:00:00+07:00' AS recorded_at, kind, payload "
        f"FROM (VALUES {', '.join(lines)}) t(dispute_id, kind, payload)"
    ).write_parquet(str(file))
    prepared = prepare(file, pack().policy.table, cache=tmp_path / "cache")
    compared = compare_prepared(prepared, pack().policy)
    assert not compared.differences, compared.told()
    assert compared.disputes == prepared.manifest.disputes > 0
