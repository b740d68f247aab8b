"""Complaints told to the end: what is due, what either side shows and answers, how it ended then.

Times are seconds since 1970 in UTC, amounts whole units of the currency.
"""

from collections.abc import Mapping

from simulations.world.draws import Dice, of_shares, over, over_columns, word
from simulations.world.ending import endings
from simulations.world.layers import Columns, layered
from simulations.world.model import Answer, BuyerProof, Complaint, JustOrNot, SellerProof, World
from simulations.world.orders import stopped

OUTWARD = ("picked_up", "in_transit", "delivered", "turned", "declared")
SCANS = (*OUTWARD, "dropped", "back")

DRAWN = (
    *("price", "pieces", "claimed", "weight", "labelled", "voucher", "voucher_sum"),
    *("signed", "picked_up", "in_transit", "declared", "declared_after", "emptied"),
    *("requested", "shown", "shown_after", "shown_kind", "shown_strong", "shown_misread", "reused"),
    *("silent", "answer", "answer_after", "offer", "accepts", "reply_after"),
    *("answered", "answered_kind", "answered_strong", "answered_misread"),
    *("courier_answers", "courier_after", "courier_strong", "withdraws", "withdraws_after"),
    *("handed_told", *(f"{scan}_told" for scan in SCANS)),
    *("wrong", "ruled_after", "loser", "sends_back", "packs", "way_back", "looks", "young", "age"),
)
YOUNG_DAYS = 30
HALFWAY = 0.5


def disputes(world: World, dice: Dice, source: str) -> str:
    """Return a query that tells the disputes to the end, from a query of complaints."""
    drawn = {f"v_{what}": dice.draw(what) for what in DRAWN}
    evidence = world.evidence
    told = layered(
        stopped(source),
        drawn,
        _order(world),
        _money(world),
        {"just": _just(), "weight_sent": _weight_sent()},
        _parcel(world),
        _claim(world),
        {**_handed_in("shown", evidence.buyer, "just", world), **_of_buyer(evidence.buyer, world)},
        {"answer": _answer(world)},
        {**_handed_in("answered", evidence.seller, "NOT just", world), **_answers(world)},
        _courier_papers(world),
        *endings(world),
        *_known(world),
    )
    return f"SELECT * EXCLUDE ({', '.join(drawn)}) FROM ({told})"


def _order(world: World) -> Columns:
    one, others = world.pieces.one, range(2, world.pieces.most + 1)
    shares = {"1": one, **{str(count): (1 - one) / len(others) for count in others}}
    return {
        "pieces": of_shares("v_pieces", shares, str(world.pieces.most)),
        "labelled": "v_labelled < free_returns",
        "raw_price": "spread_over(v_price, price_median, price_power, price_most)",
        "young": "v_young < young_share",
        "age_days": f"floor(v_age * {YOUNG_DAYS})::BIGINT",
    }


def _money(world: World) -> Columns:
    step, vouchers = world.price_step, world.vouchers
    voucher = f"least(goods, {_stepped(over('v_voucher_sum', vouchers), step)})"
    varies = f"(1 + {world.weight_varies!r} * (2 * v_weight - 1))"
    return {
        "unit_price": f"greatest({step}, {_stepped('raw_price / pieces', step)})",
        "goods": "unit_price * pieces",
        "voucher": f"CASE WHEN v_voucher < {vouchers.share!r} THEN {voucher} ELSE 0 END",
        "total": "goods + postage - voucher",
        "weight": f"floor(grams * pieces * {varies})::BIGINT",
        "pieces_claimed": "1 + floor(v_claimed * (pieces - 1))::BIGINT",
    }


def _stepped(amount: str, step: int) -> str:
    """Return SQL of an amount rounded down to a multiple of `step`."""
    return f"floor(({amount}) / {step})::BIGINT * {step}"


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
    """Scans: when each is taken, NULL where it never comes."""
    halfway = f"handed + ((coalesce(arrives, handed) - handed) * {HALFWAY})::BIGINT"
    delivered = "fate IN ('came', 'misdelivered')"
    emptied = "floor(weight_sent * (0.2 + 0.6 * v_emptied))::BIGINT"
    return {
        "picked_up_at": "CASE WHEN v_picked_up >= scan_gap THEN handed END",
        "in_transit_at": f"CASE WHEN v_in_transit >= scan_gap THEN {halfway} END",
        "delivered_at": f"CASE WHEN {delivered} THEN reached END",
        "turned_at": "CASE WHEN fate = 'turned_back' THEN reached END",
        "declared_at": "CASE WHEN fate = 'lost' AND v_declared < declares"
        f" THEN handed + {over_columns('v_declared_after', 'declare')} END",
        "signed_for": f"{delivered} AND v_signed < signed",
        "weight_later": f"CASE WHEN state = 'emptied' THEN {emptied} ELSE weight_sent END",
    }


def _claim(world: World) -> Columns:
    sends = {name: repr(habit.sends) for name, habit in world.complaints.items()}
    return {
        "wants_return": f"v_requested < {_by_claim(sends, '0')}",
        "claimed_sum": "CASE WHEN claim_type = 'incomplete'"
        " THEN least(unit_price * pieces_claimed, total)"
        " WHEN claim_type = 'change_of_mind' THEN greatest(total - postage, 0) ELSE total END",
    }


def _by_claim(sql: Mapping[Complaint, str], otherwise: str) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {value}" for name, value in sql.items())
    return f"CASE claim_type {cases} ELSE {otherwise} END"


def _handed_in(name: str, proof: SellerProof, right: str, world: World) -> Columns:
    """What a side hands in, `<name>_kind`, NULL where it shows nothing.

    Args:
        name: `shown` by the buyer, `answered` by the seller.
        right: SQL of whether that side is right.
    """
    own, other = ("buyer", "seller") if name == "shown" else ("seller", "buyer")
    given = {
        claim: habit.shown if own == "buyer" else habit.answered
        for claim, habit in world.complaints.items()
    }
    kind = _by_claim(
        {claim: word(f"v_{name}_kind", kinds) for claim, kinds in given.items() if kinds}, "NULL"
    )
    shows, strong, misread = proof.shows, proof.strong, proof.misread
    answers = "true" if own == "buyer" else "answer = 'reject'"
    return {
        f"{name}_kind": f"CASE WHEN {answers} AND v_{name}"
        f" < CASE WHEN {right} THEN {shows.right!r} ELSE {shows.wrong!r} END THEN {kind} END",
        f"{name}_strong": f"v_{name}_strong"
        f" < CASE WHEN {right} THEN {strong.right!r} ELSE {strong.wrong!r} END",
        f"{name}_supports": f"CASE WHEN v_{name}_misread < {misread!r}"
        f" THEN '{other}' ELSE '{own}' END",
    }


def _of_buyer(proof: BuyerProof, world: World) -> Columns:
    return {
        "shown_at": f"claim_at + {over('v_shown_after', proof.after)}",
        "reused": f"cause = 'false_claim' AND v_reused < {world.evidence.reused!r}",
    }


def _answer(world: World) -> str:
    """What the seller answers; NULL where nobody asks him, 'silent' where he never does."""

    def one(given: JustOrNot[dict[Answer, float]]) -> str:
        just, unjust = word("v_answer", given.just), word("v_answer", given.unjust)
        return f"CASE WHEN just THEN {just} ELSE {unjust} END"

    answers = world.seller_answers
    return f"""CASE WHEN claim_type = 'buyer_cancel_before_shipment' THEN NULL
        WHEN v_silent < silent THEN 'silent'
        WHEN shop_lies THEN {one(answers.dishonest)} ELSE {one(answers.honest)} END"""


def _answers(world: World) -> Columns:
    """When the seller answers, what he offers, and what the buyer says to it."""
    offered, buyers = world.offered, world.buyers
    share = f"({offered.low!r} + v_offer * {offered.high - offered.low!r})"
    offer = f"greatest({world.price_step}, {_stepped(f'claimed_sum * {share}', world.price_step)})"
    takes = buyers.accepts_offer
    after, replies = world.seller_answers_after, buyers.answers_after
    return {
        "answer_at": "CASE WHEN answer <> 'silent'"
        f" THEN claim_at + {over('v_answer_after', after)} END",
        "offered": f"CASE WHEN answer = 'offer' THEN {offer} END",
        "accepts": "answer = 'offer' AND v_accepts"
        f" < CASE WHEN just THEN {takes.just!r} ELSE {takes.unjust!r} END",
        "reply_at": "CASE WHEN answer = 'offer'"
        f" THEN answer_at + {over('v_reply_after', replies)} END",
    }


def _known(world: World) -> tuple[Columns, ...]:
    """When the platform learns of each scan, NULL where none comes, and that the parcel is away.

    The latter it learns from the first scan at the latest.
    """
    scans = {
        f"{scan}_known": f"{scan}_at + {over(f'v_{scan}_told', world.told_after)}" for scan in SCANS
    }
    told = f"handed + {over('v_handed_told', world.told_after)}"
    earliest = ", ".join(f"{scan}_known" for scan in OUTWARD)
    return scans, {"handed_known": f"least({told}, {earliest})"}


def _courier_papers(world: World) -> Columns:
    """What the courier sends when the buyer says that nothing has come."""
    strong = world.evidence.courier.strong
    asked = "claim_type = 'not_received' AND v_courier_answers < courier_answers"
    return {
        "papers": f"CASE WHEN {asked} AND delivered_at <= claim_at THEN 'proof_of_delivery'"
        f" WHEN {asked} AND declared_at IS NOT NULL THEN 'loss_statement' END",
        "papers_at": "greatest(claim_at, coalesce(declared_at, claim_at))"
        f" + {over_columns('v_courier_after', 'courier_answer')}",
        "papers_strong": "v_courier_strong < CASE WHEN fate = 'misdelivered'"
        f" THEN {strong.wrong!r} ELSE {strong.right!r} END",
        "papers_support": "CASE WHEN fate = 'lost' THEN 'buyer' ELSE 'seller' END",
    }
