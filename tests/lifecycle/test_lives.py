"""Whole lives of disputes, from the order to the end, told as their parties live them."""

import pytest

from reso.errors import InputError
from reso.lifecycle import Clock, Command, IllegalMoveError, Recorded
from reso.lifecycle.moves import legal_moves, states, transitions
from tests.lifecycle.shop import LIFE, PAID, START, Dispute, event, hours, ordered


def scan(dispute: Dispute, after: float, **record: object) -> None:
    at = dispute.at + hours(after)
    dispute.move(Recorded((event("tracking", at, {"at": at, **record}),)), after)  # type: ignore[dict-item]


def test_a_quiet_order_is_paid_out_when_its_guarantee_ends() -> None:
    dispute = Dispute.ordered()
    dispute.waits()
    assert dispute.ended == ("release_to_seller", None, "imposed")
    assert dispute.at == START + hours(24 * 14)
    assert dispute.state.name == "closed"


def test_a_seller_who_agrees_ends_it_agreed_and_the_money_moves_once() -> None:
    dispute = Dispute.claimed(amount=50_000)
    dispute.does("approve", "seller")
    assert dispute.ended == ("refund_partial", 50_000, "agreed")
    assert dispute.refunded == 50_000
    assert dispute.state.name == "closed"


def test_a_silent_seller_ends_it_lapsed() -> None:
    dispute = Dispute.claimed()
    dispute.waits()
    assert dispute.ended == ("refund_full", PAID, "lapsed")
    assert dispute.at == START + hours(24 + 48)


def test_an_offer_that_is_taken_ends_it_agreed() -> None:
    dispute = Dispute.claimed()
    dispute.does("counter_offer", "seller", amount=30_000)
    dispute.does("accept", "buyer")
    assert dispute.ended == ("refund_partial", 30_000, "agreed")


def test_evidence_is_asked_for_only_once_it_can_change_the_outcome() -> None:
    dispute = Dispute.claimed()
    assert not dispute.acts("asked")
    dispute.does("reject", "seller")
    assert [act["question"] for act in dispute.acts("asked")] == ["proof"]
    dispute.waits()
    assert dispute.ended == ("release_to_seller", None, "lapsed")


def proposed() -> Dispute:
    dispute = Dispute.claimed()
    dispute.does("reject", "seller")
    dispute.does("give_evidence", "buyer", type="photo")
    assert dispute.state.name == "proposed"
    return dispute


def test_a_proposal_holds_once_both_said_yes() -> None:
    dispute = proposed()
    dispute.does("accept", "buyer")
    assert dispute.state.name == "proposed", "one yes of two"
    dispute.does("accept", "seller")
    assert dispute.ended == ("refund_full", PAID, "agreed")


def test_a_proposal_lapses_when_nobody_answers() -> None:
    dispute = proposed()
    dispute.waits()
    assert dispute.ended == ("refund_full", PAID, "lapsed")


def test_a_refused_proposal_goes_to_a_human_and_only_he_ends_it() -> None:
    dispute = proposed()
    dispute.does("reject", "seller")
    assert dispute.state.name == "escalated"
    assert dispute.acts("escalated")[-1]["reason"] == "refused"
    dispute.does("give_evidence", "buyer", type="video")
    assert dispute.state.name == "escalated"
    dispute.does("adjudicate", "agent", remedy="refund_partial", amount=60_000)
    assert dispute.ended == ("refund_partial", 60_000, "adjudicated")


def test_a_return_is_paid_after_the_goods_are_back_and_looked_at() -> None:
    dispute = Dispute.claimed("return_and_refund", 100_000)
    dispute.does("approve", "seller")
    assert dispute.ended == ("return_and_refund", 100_000, "agreed")
    assert dispute.refunded == 0, "nothing is paid before the goods are back"
    scan(dispute, 24, event="dropped_off", leg="return")
    scan(dispute, 24, event="delivered", leg="return")
    assert dispute.refunded == 0
    dispute.waits()
    assert dispute.ended[:2] == ("refund_partial", 100_000)
    assert dispute.refunded == 100_000


def test_a_return_that_is_not_sent_pays_the_seller() -> None:
    dispute = Dispute.claimed("return_and_refund")
    dispute.does("approve", "seller")
    dispute.waits()
    assert dispute.ended[0] == "release_to_seller"
    assert dispute.refunded == 0


def test_a_withdrawal_rests_before_it_counts_and_can_be_undone() -> None:
    dispute = Dispute.claimed()
    dispute.does("withdraw", "buyer")
    assert dispute.state.name == "withdrawn"
    assert not dispute.acts("settled"), "the money stays where it is while the withdrawal rests"
    dispute.does("undo_withdrawal", "buyer", after=24)
    assert dispute.state.name == "gathering"
    dispute.does("approve", "seller")
    assert dispute.ended == ("refund_full", PAID, "agreed")


def test_a_withdrawal_that_stands_pays_the_seller() -> None:
    dispute = Dispute.claimed()
    dispute.does("withdraw", "buyer")
    while dispute.state.name != "closed":
        dispute.waits()
    assert dispute.ended == ("release_to_seller", None, "agreed")


def test_nothing_happens_by_itself_while_a_human_has_it() -> None:
    dispute = Dispute.claimed()
    dispute.does("take_over", "agent")
    assert LIFE.next_clock(dispute.history, dispute.at) is None
    assert dispute.move(Clock(), 500) == ()
    dispute.does("hand_back", "agent")
    assert dispute.ended == ("refund_full", PAID, "lapsed"), "the seller's time ran out meanwhile"


def test_a_parcel_that_arrives_after_the_refund_opens_it_again_and_pays_nobody_twice() -> None:
    dispute = Dispute.claimed()
    dispute.waits()
    scan(dispute, 5, event="delivered")
    assert dispute.acts("reopened")[-1]["because"] == "arrived_after_all"
    assert dispute.refunded == PAID
    assert len(dispute.acts("reopened")) == 1


def test_time_does_not_run_backwards() -> None:
    dispute = Dispute.claimed()
    with pytest.raises(ValueError, match="is before the last event"):
        LIFE.advance(dispute.history, Clock(), START)


# What is refused


@pytest.mark.parametrize(
    ("name", "by", "fields", "why"),
    [
        pytest.param("accept", "courier", {}, "`accept` is not for the courier", id="by"),
        pytest.param(
            "appeal",
            "buyer",
            {},
            "`appeal` (contest a settlement that was ruled) is not open in this state",
            id="state",
        ),
        pytest.param("counter_offer", "seller", {}, "`counter_offer` needs `amount`", id="field"),
        pytest.param("apeal", "buyer", {}, "there is no move `apeal`", id="name"),
    ],
)
def test_a_move_that_is_not_open_names_those_that_are(
    name: str, by: str, fields: dict[str, object], why: str
) -> None:
    dispute = Dispute.claimed()
    before = dispute.history
    with pytest.raises(IllegalMoveError) as refused:
        dispute.move(Command(name, by, fields), 1)  # type: ignore[arg-type]
    legal = ", ".join(legal_moves("gathering", by))
    expected = f"dispute D-1 is gathering; {why}. Legal now for {by}: {legal}."
    assert str(refused.value) == expected
    assert dispute.history == before


def test_a_field_nobody_declared_is_refused() -> None:
    with pytest.raises(InputError, match=r"responses\.amuont: no such field"):
        Dispute.claimed().does("counter_offer", "seller", amount=5, amuont=7)


# The table itself


def test_the_table_speaks_of_states_and_sections_there_are() -> None:
    sections = LIFE.policy.table.sections
    for move in transitions().values():
        assert set(move.sources) <= set(states()), move.name
        assert move.records in sections, move.name
        fields = sections[move.records].fields
        assert {*move.needs, *dict(move.fixed)} <= set(fields), move.name


def test_every_open_state_has_a_way_on_for_somebody() -> None:
    for state in set(states()) - {"closed"}:
        actors = ("buyer", "seller", "platform", "agent")
        assert any(legal_moves(state, by) for by in actors), state


def test_the_order_of_what_became_known_at_one_instant_does_not_matter() -> None:
    first = event("shipping", START, {"shipped_at": START})
    one = LIFE.advance((), Recorded((ordered(), first)), START)
    other = LIFE.advance((), Recorded((first, ordered())), START)
    assert [e for e in one if e.kind not in ("order", "shipping")] == [
        e for e in other if e.kind not in ("order", "shipping")
    ]
