"""How the old platform ended a dispute: agreed, withdrawn, by silence, or ruled by a person."""

from simulations.world.draws import over, over_columns
from simulations.world.layers import Columns
from simulations.world.model import World

WITHOUT_WITHDRAWAL_AT = """CASE WHEN answer IS NULL THEN claim_at
        WHEN answer = 'silent' THEN silence_at
        WHEN answer = 'approve' THEN answer_at
        WHEN accepts THEN reply_at ELSE ruled_at END"""


def endings(world: World) -> tuple[Columns, ...]:
    """Return the layers that end disputes, from one that has all answers and evidence."""
    return (
        _ways(world),
        {"clear": _clear(), "ended_at": f"least(withdrawn_at, {WITHOUT_WITHDRAWAL_AT})"},
        {"ended_by": _ended_by(), "right_ruling": f"v_wrong >= {_wrong(world)}"},
        {"for_buyer": _for_buyer()},
        {"ruling": _ruling()},
        _outcome(world),
        _way_back(world),
    )


def _ways(world: World) -> Columns:
    """When each way of ending comes, were there no other; NULL: never."""
    rulings, buyers = world.rulings, world.buyers
    finds = f"claim_type = 'not_received' AND v_withdraws < {buyers.withdraws!r}"
    heard = "greatest(coalesce(reply_at, answer_at, claim_at), coalesce(shown_at, claim_at))"
    return {
        "withdrawn_at": f"CASE WHEN came > claim_at AND {finds}"
        f" THEN came + {over('v_withdraws_after', buyers.answers_after)} END",
        "silence_at": f"CASE WHEN answer = 'silent' THEN claim_at + {rulings.silence} END",
        "ruled_at": f"{heard} + {over('v_ruled_after', rulings.after)}",
    }


def _clear() -> str:
    """Whether strong evidence is on the side that is right and none on the other."""

    def strong_for(side: str) -> str:
        papers = "papers IS NOT NULL AND papers_strong AND papers_at <= ruled_at"
        proofs = (
            f"shown_kind IS NOT NULL AND shown_strong AND shown_supports = '{side}'",
            f"answered_kind IS NOT NULL AND answered_strong AND answered_supports = '{side}'",
            f"{papers} AND papers_support = '{side}'",
        )
        return " OR ".join(f"coalesce({proof}, false)" for proof in proofs)

    buyer, seller = strong_for("buyer"), strong_for("seller")
    return f"""CASE WHEN just THEN ({buyer}) AND NOT ({seller})
        ELSE ({seller}) AND NOT ({buyer}) END"""


def _wrong(world: World) -> str:
    """The share of wrong rulings in such a case."""
    wrong = world.rulings.wrong
    return f"CASE WHEN clear THEN {wrong.clear!r} ELSE {wrong.unclear!r} END"


def _ended_by() -> str:
    return """CASE WHEN ended_at = withdrawn_at THEN 'withdrawn'
        WHEN answer IS NULL THEN 'cancelled' WHEN answer = 'silent' THEN 'silence'
        WHEN answer = 'approve' THEN 'approved' WHEN accepts THEN 'accepted' ELSE 'ruled' END"""


def _for_buyer() -> str:
    return """CASE ended_by WHEN 'ruled' THEN just = right_ruling
        WHEN 'withdrawn' THEN false ELSE true END"""


def _ruling() -> str:
    return """CASE WHEN NOT for_buyer THEN 'release_to_seller'
        WHEN ended_by = 'accepted' OR claim_type = 'incomplete' THEN 'refund_partial'
        WHEN wants_return THEN 'return_and_refund' ELSE 'refund_full' END"""


def _outcome(world: World) -> Columns:
    loser = world.rulings.loser_accepts
    accepts = f"v_loser < CASE WHEN right_ruling THEN {loser.right!r} ELSE {loser.wrong!r} END"
    return {
        "paid_back": "CASE WHEN NOT for_buyer THEN 0"
        " WHEN ended_by = 'accepted' THEN offered ELSE claimed_sum END",
        "decided_by": "CASE ended_by WHEN 'ruled' THEN 'human' WHEN 'approved' THEN 'seller'"
        " WHEN 'accepted' THEN 'buyer' WHEN 'withdrawn' THEN 'buyer' ELSE 'automatic' END",
        "accepted_by": f"CASE WHEN ended_by = 'ruled' AND NOT {accepts}"
        " THEN CASE WHEN for_buyer THEN 'buyer' ELSE 'seller' END"
        " WHEN ended_by = 'silence' THEN 'buyer' ELSE 'both' END",
    }


def _way_back(world: World) -> Columns:
    """The goods that go back, where a return was granted."""
    buyers = world.buyers
    sent = f"ruling = 'return_and_refund' AND v_sends_back < {buyers.sends_back!r}"
    packs = over("v_packs", buyers.answers_after)
    looks = over("v_looks", world.seller_answers_after)
    return {
        "dropped_at": f"CASE WHEN {sent} THEN ended_at + {packs} END",
        "back_at": f"dropped_at + ({over_columns('v_way_back', 'way')} * slower)::BIGINT",
        "confirmed_at": f"CASE WHEN v_silent >= silent THEN back_at + {looks} END",
    }
