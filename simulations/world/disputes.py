"""Complaints: what is due in truth, what either side shows and answers, and how the old platform ended them.

Times are seconds since 1970 in UTC, amounts whole units of the currency.
"""

from collections.abc import Mapping

from simulations.world.draws import Dice, over, over_columns, word
from simulations.world.layers import Columns, layered
from simulations.world.model import Answer, JustOrNot, SellerProof, World
from simulations.world.orders import stopped

DRAWN = (
    *("price", "pieces", "claimed", "weight", "labelled", "voucher", "voucher_sum"),
    *("told", "signed", "picked_up", "in_transit", "declared", "declared_after", "emptied"),
    *("requested", "shown", "shown_after", "shown_kind", "shown_strong", "shown_misread", "reused"),
    *("silent", "answer", "answer_after", "offer", "accepts", "reply_after"),
    *("answered", "answered_kind", "answered_strong", "answered_misread"),
    *("courier_answers", "courier_after", "courier_strong", "withdraws", "withdraws_after"),
    *("wrong", "ruled_after", "loser", "sends_back", "packs", "way_back", "looks", "young", "age"),
)
YOUNG_DAYS = 30


def disputes(world: World, dice: Dice, source: str) -> str:
    """Return a query that tells the disputes to the end, from a query of complaints."""
    drawn = {f"v_{what}": dice.draw(what) for what in DRAWN}
    told = layered(
        stopped(source),
        drawn,
        _order(world),
        _money(world),
        {"just": _just(), "weight_sent": _weight_sent()},
        _parcel(world),
        _claim(world),
        _shown(world.evidence.buyer, "shown", "just", world),
        {"answer": _answer(world)},
        _answered(world),
        _courier_papers(world),
        _ending(world),
        {"clear": _clear()},
        {"ended_by": _ended_by(), "ended_at": _ended_at()},
        {"right_ruling": f"v_wrong >= {_by_clear(world)}"},
        {"for_buyer": _for_buyer()},
        {"ruling": _ruling()},
        _outcome(world),
        _way_back(world),
    )
    return f"SELECT * EXCLUDE ({', '.join(drawn)}) FROM ({told})"


def _order(world: World) -> Columns:
    return {
        "pieces": "CASE WHEN v_pieces < 0.6 THEN 1 ELSE 2 + floor((v_pieces - 0.6) * 10)::BIGINT END",
        "labelled": "v_labelled < free_returns",
        "raw_price": "spread_over(v_price, price_median, price_power, price_most)",
        "young": "v_young < young_share",
        "age_days": f"floor(v_age * {YOUNG_DAYS})::BIGINT",
    }


def _money(world: World) -> Columns:
    step, vouchers = world.price_step, world.vouchers
    unit = f"greatest({step}, floor(raw_price / pieces / {step})::BIGINT * {step})"
    voucher = f"floor({over('v_voucher_sum', vouchers)} / {step})::BIGINT * {step}"
    return {
        "unit_price": unit,
        "goods": "unit_price * pieces",
        "voucher": f"CASE WHEN v_voucher < {vouchers.share!r} THEN least({voucher}, goods) ELSE 0 END",
        "total": "goods + postage - voucher",
        "weight": "floor(grams * pieces * (0.7 + 0.6 * v_weight))::BIGINT",
        "pieces_claimed": "1 + floor(v_claimed * (pieces - 1))::BIGINT",
    }


def _just() -> str:
    """Whether the complaint is right: what the buyer should get if everything were known."""
    return """CASE cause
        WHEN 'cancels' THEN came IS NULL
        WHEN 'change_of_mind' THEN labelled
        WHEN 'bad_goods' THEN true
        WHEN 'waiting' THEN came IS NULL
        ELSE cause = 'misdelivered' END"""


def _weight_sent() -> str:
    """What the parcel weighs when the courier takes it, in grams."""
    part = "(pieces - pieces_claimed + 0.3) / (pieces + 0.3)"
    return f"""CASE state WHEN 'incomplete' THEN floor(weight * {part})::BIGINT
        WHEN 'wrong_item' THEN floor(weight * (0.6 + v_emptied))::BIGINT ELSE weight END"""


def _parcel(world: World) -> Columns:
    """Scans: when each is taken, NULL where it never comes; and when the platform knows of it."""
    half = "handed + ((coalesce(arrives, handed) - handed) * 0.5)::BIGINT"
    declared = over_columns("v_declared_after", "declare")
    delivered = "fate IN ('came', 'misdelivered')"
    return {
        "told_after": over("v_told", world.told_after),
        "picked_up_at": "CASE WHEN v_picked_up >= scan_gap THEN handed END",
        "in_transit_at": f"CASE WHEN v_in_transit >= scan_gap THEN {half} END",
        "delivered_at": f"CASE WHEN {delivered} THEN reached END",
        "turned_at": "CASE WHEN fate = 'turned_back' THEN reached END",
        "declared_at": f"CASE WHEN fate = 'lost' AND v_declared < declares THEN handed + {declared} END",
        "signed_for": f"{delivered} AND v_signed < signed",
        "weight_later": "CASE WHEN state = 'emptied' THEN"
        " floor(weight_sent * (0.2 + 0.6 * v_emptied))::BIGINT ELSE weight_sent END",
    }


def _claim(world: World) -> Columns:
    sends = _by_claim({name: repr(habit.sends) for name, habit in world.complaints.items()}, "0")
    return {
        "wants_return": f"v_requested < {sends}",
        "claimed_sum": "CASE WHEN claim_type = 'incomplete' THEN unit_price * pieces_claimed"
        " WHEN claim_type = 'change_of_mind' THEN greatest(total - postage, 0) ELSE total END",
    }


def _by_claim(sql: Mapping[str, str], otherwise: str) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {value}" for name, value in sql.items())
    return f"CASE claim_type {cases} ELSE {otherwise} END"


def _shown(proof: SellerProof, name: str, right: str, world: World) -> Columns:
    """What a side hands in, NULL where it shows nothing; `right`: SQL of whether it is right."""
    side = {"shown": "buyer", "answered": "seller"}[name]
    other = "seller" if side == "buyer" else "buyer"
    kinds = _by_claim(
        {
            claim: word(f"v_{name}_kind", given)
            for claim, habit in world.complaints.items()
            if (given := habit.shown if side == "buyer" else habit.answered)
        },
        "NULL",
    )
    shows = f"CASE WHEN {right} THEN {proof.shows.right!r} ELSE {proof.shows.wrong!r} END"
    strong = f"CASE WHEN {right} THEN {proof.strong.right!r} ELSE {proof.strong.wrong!r} END"
    columns = {
        f"{name}_kind": f"CASE WHEN v_{name} < {shows} THEN {kinds} END",
        f"{name}_strong": f"v_{name}_strong < {strong}",
        f"{name}_supports": f"CASE WHEN v_{name}_misread < {proof.misread!r} THEN '{other}' ELSE '{side}' END",
    }
    if name == "shown":
        columns["shown_at"] = f"claim_at + {over('v_shown_after', world.evidence.buyer.after)}"
        columns["reused"] = f"cause = 'false_claim' AND v_reused < {world.evidence.reused!r}"
    return columns


def _answer(world: World) -> str:
    """What the seller answers; NULL where nobody asks him, 'silent' where he never does."""
    answers = world.seller_answers

    def one(given: JustOrNot[dict[Answer, float]]) -> str:
        just, unjust = word("v_answer", given.just), word("v_answer", given.unjust)
        return f"CASE WHEN just THEN {just} ELSE {unjust} END"

    return f"""CASE WHEN claim_type = 'buyer_cancel_before_shipment' THEN NULL
        WHEN v_silent < silent THEN 'silent'
        WHEN shop_lies THEN {one(answers.dishonest)} ELSE {one(answers.honest)} END"""


def _answered(world: World) -> Columns:
    step, offered, buyers = world.price_step, world.offered, world.buyers
    sum_ = f"claimed_sum * ({offered.low!r} + v_offer * {offered.high - offered.low!r})"
    accepts = f"CASE WHEN just THEN {buyers.accepts_offer.just!r} ELSE {buyers.accepts_offer.unjust!r} END"
    proof = _shown(world.evidence.seller, "answered", "NOT just", world)
    proof["answered_kind"] = f"CASE WHEN answer = 'reject' THEN {proof['answered_kind']} END"
    return {
        **proof,
        "answer_at": "CASE WHEN answer <> 'silent' THEN claim_at + "
        f"{over('v_answer_after', world.seller_answers_after)} END",
        "offered": f"CASE WHEN answer = 'offer' THEN greatest({step}, floor({sum_} / {step})::BIGINT * {step}) END",
        "accepts": f"answer = 'offer' AND v_accepts < {accepts}",
        "reply_at": f"CASE WHEN answer = 'offer' THEN answer_at + {over('v_reply_after', buyers.answers_after)} END",
    }


def _courier_papers(world: World) -> Columns:
    """What the courier sends when the buyer says that he has nothing."""
    strong = world.evidence.courier.strong
    asked = "claim_type = 'not_received' AND v_courier_answers < courier_answers"
    after = over_columns("v_courier_after", "courier_answer")
    came = "came IS NOT NULL"
    return {
        "papers": f"CASE WHEN {asked} AND delivered_at <= claim_at THEN 'proof_of_delivery'"
        f" WHEN {asked} AND declared_at IS NOT NULL THEN 'loss_statement' END",
        "papers_at": f"greatest(claim_at, coalesce(declared_at, claim_at)) + {after}",
        "papers_strong": f"CASE WHEN {came} OR fate = 'lost' THEN v_courier_strong < {strong.right!r}"
        f" ELSE v_courier_strong < {strong.wrong!r} END",
        "papers_support": "CASE WHEN fate = 'lost' THEN 'buyer' ELSE 'seller' END",
    }


def _clear() -> str:
    """Whether strong evidence is on the side that is right and none on the other."""
    buyer = """(coalesce(shown_kind IS NOT NULL AND shown_strong AND shown_supports = 'buyer', false)
        OR coalesce(answered_kind IS NOT NULL AND answered_strong AND answered_supports = 'buyer', false)
        OR coalesce(papers = 'loss_statement' AND papers_strong AND papers_at <= ruled_at, false))"""
    seller = """(coalesce(shown_kind IS NOT NULL AND shown_strong AND shown_supports = 'seller', false)
        OR coalesce(answered_kind IS NOT NULL AND answered_strong AND answered_supports = 'seller', false)
        OR coalesce(papers = 'proof_of_delivery' AND papers_strong AND papers_at <= ruled_at, false))"""
    return f"CASE WHEN just THEN {buyer} AND NOT {seller} ELSE {seller} AND NOT {buyer} END"


def _by_clear(world: World) -> str:
    wrong = world.rulings.wrong
    return f"CASE WHEN clear THEN {wrong.clear!r} ELSE {wrong.unclear!r} END"


def _ending(world: World) -> Columns:
    """When each way of ending comes, were there no other."""
    rulings, buyers = world.rulings, world.buyers
    withdraws = (
        f"came > claim_at AND claim_type = 'not_received' AND v_withdraws < {buyers.withdraws!r}"
    )
    heard = "greatest(coalesce(reply_at, answer_at, claim_at), coalesce(shown_at, claim_at))"
    return {
        "withdrawn_at": f"CASE WHEN {withdraws} THEN came + {over('v_withdraws_after', buyers.answers_after)} END",
        "silence_at": f"CASE WHEN answer = 'silent' THEN claim_at + {rulings.silence} END",
        "ruled_at": f"{heard} + {over('v_ruled_after', rulings.after)}",
    }


def _ended_by() -> str:
    """How the old platform ended it."""
    settled = """CASE WHEN answer IS NULL THEN 'cancelled' WHEN answer = 'silent' THEN 'silence'
        WHEN answer = 'approve' THEN 'approved' WHEN accepts THEN 'accepted' ELSE 'ruled' END"""
    at = """CASE WHEN answer IS NULL THEN claim_at WHEN answer = 'silent' THEN silence_at
        WHEN answer = 'approve' THEN answer_at WHEN accepts THEN reply_at ELSE ruled_at END"""
    return f"CASE WHEN withdrawn_at < {at} THEN 'withdrawn' ELSE {settled} END"


def _ended_at() -> str:
    return """CASE WHEN answer IS NULL THEN claim_at
        ELSE least(withdrawn_at, CASE WHEN answer = 'silent' THEN silence_at
            WHEN answer = 'approve' THEN answer_at WHEN accepts THEN reply_at ELSE ruled_at END) END"""


def _for_buyer() -> str:
    return """CASE ended_by WHEN 'ruled' THEN just = right_ruling WHEN 'withdrawn' THEN false
        ELSE true END"""


def _ruling() -> str:
    return """CASE WHEN NOT for_buyer THEN 'release_to_seller'
        WHEN ended_by = 'accepted' OR claim_type = 'incomplete' THEN 'refund_partial'
        WHEN wants_return THEN 'return_and_refund' ELSE 'refund_full' END"""


def _outcome(world: World) -> Columns:
    loser = world.rulings.loser_accepts
    accepts = f"v_loser < CASE WHEN right_ruling THEN {loser.right!r} ELSE {loser.wrong!r} END"
    return {
        "paid_back": "CASE WHEN NOT for_buyer THEN 0 WHEN ended_by = 'accepted' THEN offered"
        " ELSE claimed_sum END",
        "decided_by": "CASE ended_by WHEN 'ruled' THEN 'human' WHEN 'approved' THEN 'seller'"
        " WHEN 'accepted' THEN 'buyer' WHEN 'withdrawn' THEN 'buyer' ELSE 'automatic' END",
        "accepted_by": f"CASE WHEN ended_by = 'ruled' THEN CASE WHEN {accepts} THEN 'both'"
        " WHEN for_buyer THEN 'buyer' ELSE 'seller' END"
        " WHEN ended_by = 'silence' THEN 'buyer' ELSE 'both' END",
    }


def _way_back(world: World) -> Columns:
    """The goods that go back, where a return was granted."""
    sent = f"ruling = 'return_and_refund' AND v_sends_back < {world.buyers.sends_back!r}"
    way = over_columns("v_way_back", "way")
    looks = over("v_looks", world.seller_answers_after)
    return {
        "dropped_at": f"CASE WHEN {sent} THEN ended_at + "
        f"{over('v_packs', world.buyers.answers_after)} END",
        "back_at": f"dropped_at + ({way} * slower)::BIGINT",
        "confirmed_at": f"CASE WHEN v_silent >= silent THEN back_at + {looks} END",
    }
