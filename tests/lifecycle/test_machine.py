"""Laws of a dispute's life, over random lives: moves by everybody, scans, clocks, in any order."""

from collections.abc import Mapping

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reso.lifecycle import Clock, Command, IllegalMoveError, Recorded, state_of
from reso.lifecycle.moves import Actor, legal_moves, states, transitions
from reso.model.case import Value
from reso.model.events import fold
from tests.lifecycle.shop import LIFE, PAID, START, Dispute, event, hours

ACTORS: tuple[Actor, ...] = ("buyer", "seller", "courier", "platform", "agent")
SOON = st.sampled_from([0, 1, 5, 23, 24, 47, 48, 49])
HUMAN = ("escalated", "taken_over")
OPEN = ("gathering", "withdrawn", "proposed")


def fields_of(name: str, draw: st.DataObject) -> Mapping[str, Value]:
    """Return fields for a move."""
    amounts = st.integers(1, PAID)
    match name:
        case "open":
            requested = draw.draw(st.sampled_from(["refund", "return_and_refund"]))
            amount = draw.draw(st.none() | amounts)
            extra = {} if amount is None else {"requested_amount": amount}
            return {"type": "damaged", "requested": requested, **extra}
        case "give_evidence":
            return {"type": "photo"}
        case "counter_offer":
            return {"amount": draw.draw(amounts)}
        case "extend":
            return {"guarantee_ends_at": START + hours(24 * 30)}
        case "start_incident":
            return {"id": "HUB", "starts_at": START}
        case "end_incident":
            return {"ends_at": START + hours(24 * 9)}
        case _:
            return {}


class Lives(RuleBasedStateMachine):
    """One dispute, led by chance."""

    def __init__(self) -> None:
        super().__init__()
        self.dispute = Dispute()
        self.refunded = 0

    @initialize()
    def order(self) -> None:
        self.dispute = Dispute.ordered()

    @rule(by=st.sampled_from(ACTORS), after=SOON, data=st.data())
    def makes_a_legal_move(self, by: Actor, after: float, data: st.DataObject) -> None:
        state = self.dispute.state.name
        known = legal_moves(state, by, self.dispute.state.claimant)
        legal = [name for name in known if name != "open" or state == "none"]
        if not (legal := [name for name in legal if name != "adjudicate"]):
            return
        name = data.draw(st.sampled_from(legal))
        new = self.dispute.does(name, by, after, **fields_of(name, data))
        assert new, "a legal move is recorded"

    @rule(by=st.sampled_from(ACTORS), name=st.sampled_from(sorted(transitions())))
    def tries_an_illegal_move(self, by: Actor, name: str) -> None:
        state, before = self.dispute.state.name, self.dispute.history
        legal = legal_moves(state, by, self.dispute.state.claimant)
        if name in legal:
            return
        with pytest.raises(IllegalMoveError) as refused:
            self.dispute.move(Command(name, by), 1)
        assert refused.value.legal == legal
        assert self.dispute.history == before

    @rule(
        after=SOON,
        happened=st.sampled_from(["picked_up", "delivered", "declared_lost", "dropped_off"]),
        leg=st.sampled_from(["outward", "return"]),
    )
    def parcel_is_scanned(self, after: float, happened: str, leg: str) -> None:
        at = self.dispute.at + hours(after)
        scan = event("tracking", at, {"at": at, "event": happened, "leg": leg})
        self.dispute.move(Recorded((scan,)), after)

    @rule(remedy=st.sampled_from(["refund_partial", "release_to_seller"]), data=st.data())
    @precondition(lambda self: self.dispute.state.name in HUMAN)
    def a_human_rules(self, remedy: str, data: st.DataObject) -> None:
        left = PAID - self.dispute.refunded
        if remedy == "release_to_seller" or left == 0:
            self.dispute.does("adjudicate", "agent", 1, remedy="release_to_seller")
            assert self.dispute.ended == ("release_to_seller", None, "adjudicated")
            return
        amount = data.draw(st.integers(1, left))
        self.dispute.does("adjudicate", "agent", 1, remedy=remedy, amount=amount)
        assert self.dispute.ended == (remedy, amount, "adjudicated")

    @rule()
    @precondition(lambda self: LIFE.next_clock(self.dispute.history, self.dispute.at) is not None)
    def time_passes(self) -> None:
        clock = LIFE.next_clock(self.dispute.history, self.dispute.at)
        assert clock is not None
        assert clock > self.dispute.at
        self.dispute.at = clock
        self.dispute.move(Clock(), 0)

    @rule()
    def asking_again_changes_nothing(self) -> None:
        assert self.dispute.move(Clock(), 0) == (), "everything we do is done at once"

    @invariant()
    def an_open_dispute_has_a_clock_or_a_human(self) -> None:
        state = self.dispute.state.name
        assert state in states()
        if state in OPEN:
            assert LIFE.next_clock(self.dispute.history, self.dispute.at) is not None
        elif state not in HUMAN:
            assert state in ("none", "settled", "closed")

    @invariant()
    def it_comes_to_an_end(self) -> None:
        assert all(act["reason"] != "circle" for act in self.dispute.acts("escalated"))

    @invariant()
    def who_appeals_is_heard_once(self) -> None:
        heard = [act for act in self.dispute.acts("reopened") if act["because"] == "appeal"]
        appeals = [act for act in self.dispute.acts("responses") if act["action"] == "appeal"]
        assert len(heard) == len(appeals)

    @invariant()
    def the_same_history_leads_to_the_same_state(self) -> None:
        history = self.dispute.history
        assert state_of(history) == state_of(list(history))
        assert LIFE.next_clock(history, self.dispute.at) == LIFE.next_clock(
            list(history), self.dispute.at
        )

    @invariant()
    def money_is_conserved_and_nobody_is_paid_twice(self) -> None:
        refunded = self.dispute.refunded
        assert self.refunded <= refunded <= PAID, "what was paid stays paid, up to what came in"
        self.refunded = refunded
        case = fold(self.dispute.history, self.dispute.at)
        paid = [
            amount
            for record in case.lists.get("settled", ())
            if record.get("decision") in ("refund_full", "refund_partial")
            if isinstance(amount := record.get("amount"), int)
        ]
        assert refunded == max(paid, default=0), "several settlements pay their difference only"

    @invariant()
    def what_we_would_propose_never_pays_more_than_is_there(self) -> None:
        proposal = LIFE.proposal(self.dispute.history, self.dispute.at)
        back = sum(leg.amount for leg in proposal.legs if leg.payee == "buyer")
        assert back + self.dispute.refunded <= PAID
        assert proposal.held >= 0


TestLives = Lives.TestCase
