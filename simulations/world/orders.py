"""Orders, one by one: what is ordered, how the parcel fares, and whether the buyer complains.

Times are seconds since 1970 in UTC. `u_...` is a number drawn, between 0 and 1.
"""

from datetime import UTC, date, datetime

from simulations.world.draws import Dice, of_shares, over, over_columns, place, word
from simulations.world.layers import Columns, layered
from simulations.world.model import World

DAY = 86_400
THURSDAY = 3
"""The day of the week of 1970-01-01; Monday is 0."""

TABLES = ("region", "service", "courier", "category", "size", "kind")
DRAWN = (
    *("day", "hour", "paid", "region", "service", "courier", "category", "size", "shop", "buyer"),
    *("fault", "hand_over", "fate", "way", "harm", "waits"),
    *("cancels", "cancels_after", "speaks", "false", "after"),
)

GONE = ("handed", "arrives", "reached", "came")
"""What there is only of a parcel that was handed over."""


def complaints(world: World, dice: Dice, first: int, last: int) -> str:
    """Return a query of the orders from `first` to before `last` whose buyers want to complain.

    `n` is the number of the order; `in_time` says whether the old platform took the complaint.
    """
    drawn = {f"u_{what}": dice.draw(what) for what in DRAWN}
    orders = layered(
        f"SELECT range AS n FROM range({first}, {last})",
        drawn,
        _who(world),
        {"u_kind": dice.draw("kind of buyer", "buyer")},
        {"kind_no": place("u_kind", [one.weight for one in world.buyers.kinds])},
    )
    for table in TABLES:
        orders = f"SELECT * FROM ({orders}) JOIN {table}s USING ({table}_no)"
    lived = layered(
        orders,
        _bought(world),
        {"u_honest": dice.draw("honest shop", "shop")},
        {"shop_lies": "u_honest < shops_dishonest"},
        {"fault": _fault(world)},
        {"days_to_pick_up": f"pick_up[{_day(world, 'ready')} % 7 + 1]"},
        {"handed": _handed(world)},
        {"fate": _fate(), "arrives": f"handed + {over_columns('u_way', 'way')} * pace * slower"},
        {"reached": _held_up(world)},
        {"came": "CASE WHEN fate = 'came' THEN reached END", "state": _state()},
        {"cause": _cause()},
    )
    complained = layered(
        f"SELECT * FROM ({lived}) WHERE cause IS NOT NULL",
        {"claim_type": _claim_type(world)},
        {"claim_at": _claim_at(world)},
        {"in_time": _in_time(world)},
    )
    return f"SELECT * EXCLUDE ({', '.join(drawn)}) FROM ({complained})"


def stopped(source: str) -> str:
    """Return the same query; a parcel whose order is cancelled in time is never handed over."""
    in_time = "cause = 'cancels' AND (handed IS NULL OR handed > claim_at)"
    kept = (f"CASE WHEN NOT ({in_time}) THEN {name} END AS {name}" for name in GONE)
    fate = f"CASE WHEN {in_time} THEN 'stopped' ELSE fate END AS fate"
    return f"SELECT * REPLACE ({', '.join(kept)}, {fate}) FROM ({source})"


def _who(world: World) -> Columns:
    """Who buys what, where, and when; who sends and carries it."""
    low, high = world.hours
    return {
        "placed": f"{midnight(world, world.first_day)}"
        f" + floor(u_day * {world.days})::BIGINT * {DAY}"
        f" + floor(3600 * ({low} + u_hour * {high - low}))::BIGINT",
        "region_no": place("u_region", [one.weight for one in world.regions]),
        "service_no": place("u_service", [one.weight for one in world.services]),
        "courier_no": place("u_courier", [one.weight for one in world.couriers]),
        "category_no": place("u_category", [one.weight for one in world.categories]),
        "size_no": place("u_size", [one.weight for one in world.sellers]),
        "buyer": f"floor(u_buyer * {world.buyers.people})::BIGINT",
    }


def _bought(world: World) -> Columns:
    """The shop, when it was paid, when the seller is ready; what is promised and planned."""
    offset = int(world.offset.total_seconds())
    days = f"(placed + {offset}) // {DAY} + promised_days + extra_days + 1"
    after = world.buyers.cancels_after
    return {
        "shop": "first_shop + floor(u_shop * shops)::BIGINT",
        "paid": f"placed + {over('u_paid', world.paid_after)}",
        "ready": f"paid + {over_columns('u_hand_over', 'hand_over')}",
        "due": f"({days}) * {DAY} - 1 - {offset}",
        "impatient_at": "CASE WHEN from_order THEN placed ELSE due END"
        f" + {over_columns('u_waits', 'waits')}",
        "cancels_at": "CASE WHEN u_cancels < cancels"
        f" THEN paid + {over('u_cancels_after', after)} END",
    }


def _fault(world: World) -> str:
    """What the shop does wrong; 'none' mostly."""
    faults = world.seller_faults
    honest, dishonest = (
        of_shares("u_fault", {f"'{name}'": share for name, share in one.items()}, "'none'")
        for one in (faults.honest, faults.dishonest)
    )
    return f"CASE WHEN shop_lies THEN {dishonest} ELSE {honest} END"


def _handed(world: World) -> str:
    """When the courier gets the parcel: when it is ready, or in the morning he next comes."""
    offset = int(world.offset.total_seconds())
    morning = f"((ready + {offset}) // {DAY} + days_to_pick_up) * {DAY} - {offset}"
    waited = (
        f"CASE WHEN days_to_pick_up = 0 THEN ready ELSE {morning} + {world.pick_up_hour * 3600} END"
    )
    return f"CASE WHEN fault <> 'never_sent' THEN {waited} END"


def _fate() -> str:
    return """CASE WHEN fault = 'never_sent' THEN 'never_sent'
        WHEN u_fate < lost THEN 'lost'
        WHEN u_fate < lost + misdelivered THEN 'misdelivered'
        WHEN u_fate < lost + misdelivered + turned_back THEN 'turned_back'
        ELSE 'came' END"""


def _held_up(world: World) -> str:
    """When the parcel gets where it gets: an incident holds it up to its end."""
    cases = [
        f"WHEN region = '{one.region}' AND handed < {midnight(world, one.ends)}"
        f" AND arrives > {midnight(world, one.starts)}"
        f" THEN arrives + {midnight(world, one.ends)}"
        f" - greatest(handed, {midnight(world, one.starts)})"
        for one in world.incidents
    ]
    later = f"CASE {' '.join(cases)} ELSE arrives END" if cases else "arrives"
    return f"CASE WHEN fate NOT IN ('never_sent', 'lost') THEN ({later})::BIGINT END"


def _state() -> str:
    """How the goods are when they reach somebody."""
    return """CASE WHEN fault NOT IN ('none', 'never_sent') THEN fault
        WHEN u_harm < harmed * fragile THEN 'damaged'
        WHEN u_harm < harmed * fragile + emptied THEN 'emptied'
        ELSE 'good' END"""


def _cause() -> str:
    """Why the buyer complains; NULL: he does not."""
    return """CASE
        WHEN cancels_at < coalesce(came, cancels_at + 1) THEN 'cancels'
        WHEN fate IN ('never_sent', 'lost', 'turned_back') OR impatient_at < reached THEN 'waiting'
        WHEN fate = 'misdelivered' THEN 'misdelivered'
        WHEN state <> 'good' THEN CASE WHEN u_speaks < complains THEN 'bad_goods' END
        WHEN u_speaks < false_claim THEN 'false_claim'
        WHEN u_speaks < false_claim + overlooked THEN 'overlooked'
        WHEN u_speaks < false_claim + overlooked + fussy THEN 'fussy'
        WHEN u_speaks < false_claim + overlooked + fussy + change_of_mind THEN 'change_of_mind'
        END"""


def _claim_type(world: World) -> str:
    false = word("u_false", world.buyers.false_claims)
    return f"""CASE cause
        WHEN 'cancels' THEN CASE WHEN handed <= cancels_at THEN 'buyer_cancel_after_shipment'
            ELSE 'buyer_cancel_before_shipment' END
        WHEN 'bad_goods' THEN CASE state WHEN 'emptied' THEN 'incomplete' ELSE state END
        WHEN 'false_claim' THEN {false}
        WHEN 'fussy' THEN 'not_as_described'
        WHEN 'change_of_mind' THEN 'change_of_mind'
        ELSE 'not_received' END"""


def _claim_at(world: World) -> str:
    noticed = " ".join(
        f"WHEN '{name}' THEN {over('u_after', habit.after)}"
        for name, habit in world.complaints.items()
    )
    return f"""CASE cause WHEN 'cancels' THEN cancels_at WHEN 'waiting' THEN impatient_at
        ELSE reached + CASE claim_type {noticed} END END"""


def _in_time(world: World) -> str:
    """Whether the old platform took the complaint."""
    return f"""CASE WHEN cause = 'cancels' THEN true
        WHEN claim_type = 'not_received' THEN claim_at <= due + {world.window.not_received}
        ELSE claim_at <= came + {world.window.goods} END"""


def _day(world: World, at: str) -> str:
    """Return SQL of the local day of an instant, counted so that Mondays are multiples of 7."""
    return f"(({at} + {int(world.offset.total_seconds())}) // {DAY} + {THURSDAY})"


def midnight(world: World, day: date) -> int:
    """Return the instant at which a day begins in the world."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - world.offset
    return int(start.timestamp())
