"""The rows a history is made of: events of disputes, recorded outcomes, the hidden truth."""

from datetime import timedelta

from simulations.world.model import World
from simulations.world.orders import midnight

SELLER = "printf('S-%07d', shop)"


def events(world: World, table: str) -> str:
    """Return a query of the events in `table`: `n, happened, known, kind, payload`."""
    zone = Zone(world.offset)
    parts = [
        *_order(world, zone),
        *_scans(zone),
        *_claim(zone),
        *_proofs(zone),
        *_answers(zone),
        *_incidents(world, zone),
    ]
    selects = [
        f"SELECT n, ({at})::BIGINT AS happened, ({known})::BIGINT AS known, '{kind}' AS kind,"
        f" {payload} AS payload FROM {table} WHERE {where}"
        for at, known, kind, payload, where in parts
    ]
    return "\nUNION ALL ".join(selects)


Part = tuple[str, str, str, str, str]
"""When it happened, when it became known, the kind, the payload, in which disputes: all in SQL."""


class Zone:
    """Writes instants as the local time of the world."""

    def __init__(self, offset: timedelta) -> None:
        self.seconds = int(offset.total_seconds())
        minutes = abs(self.seconds) // 60
        sign = "-" if self.seconds < 0 else "+"
        self.text = f"{sign}{minutes // 60:02}:{minutes % 60:02}"

    def instant(self, at: str) -> str:
        """Return SQL of JSON: an instant from seconds."""
        local = f"make_timestamp((({at})::BIGINT + {self.seconds}) * 1000000)"
        return f"""'"' || strftime({local}, '%Y-%m-%dT%H:%M:%S{self.text}') || '"'"""


def said(**fields: str) -> str:
    """Return SQL of a JSON object of these fields, SQL of JSON; what is NULL is left out."""
    listed = ", ".join(f"""'"{name}":' || ({value})""" for name, value in fields.items())
    return f"'{{' || concat_ws(',', {listed}) || '}}'"


def text(sql: str) -> str:
    """Return SQL of JSON: a text without anything to escape."""
    return f"""'"' || {sql} || '"'"""


def word(value: str) -> str:
    """Return SQL of JSON: a fixed word."""
    return f"""'"{value}"'"""


def _order(world: World, zone: Zone) -> list[Part]:
    order = said(
        currency=word(world.currency),
        placed_at=zone.instant("placed"),
        payment_verified_at=zone.instant("paid"),
        items_subtotal="goods::VARCHAR",
        shipping_paid_by_buyer="postage::VARCHAR",
        voucher_platform="nullif(voucher, 0)::VARCHAR",
        total_paid="total::VARCHAR",
        category=text("category"),
        seller_tier=text("tier"),
        weight_grams="weight::VARCHAR",
        free_returns_label="CASE WHEN labelled THEN 'true' END",
    )
    shipping = said(
        service=text("service"),
        courier=text("courier"),
        status=word("to_ship"),
        estimated_arrival=zone.instant("due"),
    )
    shipped = said(status=word("in_transit"), shipped_at=zone.instant("handed"))
    return [
        ("paid", "paid", "order", order, "true"),
        ("paid", "paid", "shipping", shipping, "true"),
        ("handed", "handed_known", "shipping", shipped, "handed IS NOT NULL"),
    ]


def _scans(zone: Zone) -> list[Part]:
    def scan(name: str, event: str, leg: str = "outward", **fields: str) -> Part:
        at = f"{name}_at"
        payload = said(at=zone.instant(at), event=word(event), leg=word(leg), **fields)
        return (at, f"{name}_known", "tracking", payload, f"{at} IS NOT NULL")

    right = "CASE WHEN fate = 'came' THEN 'true' END"
    return [
        scan("picked_up", "picked_up", weight_grams="weight_sent::VARCHAR"),
        scan("in_transit", "in_transit", weight_grams="weight_later::VARCHAR"),
        scan(
            "delivered",
            "delivered",
            address_match=right,
            signature="CASE WHEN signed_for THEN 'true' END",
        ),
        scan("turned", "returned_to_sender"),
        scan("declared", "declared_lost"),
        scan("dropped", "dropped_off", "return"),
        scan("back", "delivered", "return", weight_grams="weight_later::VARCHAR"),
    ]


def _claim(zone: Zone) -> list[Part]:
    item = said(
        sku="'\"P-' || (n % 9973) || '\"'",
        qty_ordered="pieces::VARCHAR",
        qty_claimed="pieces_claimed::VARCHAR",
        unit_price="unit_price::VARCHAR",
    )
    claim = said(
        filed_at=zone.instant("claim_at"),
        party=word("buyer"),
        type=text("claim_type"),
        requested="CASE WHEN wants_return THEN '\"return_and_refund\"' ELSE '\"refund\"' END",
        items=f"CASE WHEN claim_type = 'incomplete' AND pieces > 1 THEN '[' || {item} || ']' END",
    )
    account = said(account_age_days="age_days::VARCHAR")
    return [
        ("claim_at", "claim_at", "claim", claim, "true"),
        ("claim_at", "claim_at", "buyer", account, "young"),
    ]


def _proofs(zone: Zone) -> list[Part]:
    def proof(party: str, name: str, at: str, supports: str, **fields: str) -> Part:
        payload = said(
            at=zone.instant(at),
            party=word(party),
            type=text(f"{name}_kind" if party != "courier" else name),
            strength=f"CASE WHEN {name}_strong THEN '\"strong\"' ELSE '\"weak\"' END",
            supports=text(supports),
            **fields,
        )
        given = f"{name}_kind" if party != "courier" else name
        return (at, at, "evidence", payload, f"{given} IS NOT NULL AND {at} <= ended_at")

    seen = """CASE WHEN reused THEN '{"accounts":1,"disputes":1}' END"""
    return [
        proof("buyer", "shown", "shown_at", "shown_supports", hash_seen=seen),
        proof("seller", "answered", "answer_at", "answered_supports"),
        proof("courier", "papers", "papers_at", "papers_support"),
    ]


def _answers(zone: Zone) -> list[Part]:
    def act(party: str, action: str, at: str, where: str, **fields: str) -> Part:
        payload = said(at=zone.instant(at), party=word(party), action=word(action), **fields)
        return (at, at, "responses", payload, where)

    in_time = "answer_at <= ended_at"
    return [
        act("seller", "approve", "answer_at", f"answer = 'approve' AND {in_time}"),
        act("seller", "reject", "answer_at", f"answer = 'reject' AND {in_time}"),
        act(
            "seller",
            "counter_offer",
            "answer_at",
            f"answer = 'offer' AND {in_time}",
            solution=word("refund"),
            amount="offered::VARCHAR",
        ),
        act("buyer", "accept_solution", "reply_at", "ended_by = 'accepted'"),
        act("buyer", "reject", "reply_at", "NOT accepts AND reply_at <= ended_at"),
        act("buyer", "cancel_complaint", "withdrawn_at", "ended_by = 'withdrawn'"),
        act(
            "human_admin",
            "propose_solution",
            "ended_at",
            "ended_by = 'ruled'",
            remedy=text("ruling"),
            amount="CASE WHEN for_buyer THEN paid_back::VARCHAR END",
        ),
        act("seller", "confirm_package", "confirmed_at", "confirmed_at IS NOT NULL"),
    ]


def _incidents(world: World, zone: Zone) -> list[Part]:
    """Tell those whose parcel it held up, at its start or when the parcel was handed over."""
    found: list[Part] = []
    for one in world.incidents:
        starts, ends = midnight(world, one.starts), midnight(world, one.ends)
        hit = f"region = '{one.region}' AND handed < {ends} AND arrives > {starts}"
        begun = said(
            id=word(one.id),
            place=word(one.region),
            confirmed_by=word("courier"),
            starts_at=zone.instant(str(starts)),
        )
        over = said(ends_at=zone.instant(str(ends)))
        found.append((str(starts), f"greatest({starts}, paid)", "incident", begun, hit))
        found.append((str(ends), str(ends), "incident", over, hit))
    return found


def dispute_id(n: str = "n") -> str:
    """Return SQL of the name of the dispute about an order."""
    return f"printf('G-%010d', {n})"


def outcomes(world: World, table: str) -> str:
    """Return a query of what the old platform made of the disputes; amounts in minor units."""
    return f"""SELECT {dispute_id()} AS dispute_id, ruling,
        (paid_back * {world.minor_per_unit})::BIGINT AS amount, decided_by, accepted_by,
        make_timestamptz(ended_at * 1000000) AS decided_at, {SELLER} AS seller,
        size AS seller_size, region
        FROM {table} ORDER BY n"""


def truth(world: World, table: str) -> str:
    """Return a query of what nobody in the history knows; amounts in minor units."""
    return f"""SELECT {dispute_id()} AS dispute_id,
        CASE WHEN just THEN 'refund' ELSE 'no_refund' END AS truth,
        CASE WHEN just THEN (claimed_sum * {world.minor_per_unit})::BIGINT ELSE 0 END AS due,
        cause, fate AS parcel,
        make_timestamptz(came * 1000000) AS came_at, state AS goods, {AT_FAULT} AS at_fault,
        CASE WHEN cause = 'false_claim' THEN 'buyer'
            WHEN shop_lies AND just AND answer = 'reject' THEN 'seller' ELSE 'nobody' END AS liar,
        kind AS buyer_kind, printf('B-%07d', buyer) AS buyer, {SELLER} AS seller,
        shop_lies AS seller_dishonest, ended_by, clear, right_ruling
        FROM {table} ORDER BY n"""


AT_FAULT = """CASE WHEN NOT just OR cause IN ('cancels', 'change_of_mind') THEN 'nobody'
        WHEN fate IN ('lost', 'misdelivered', 'turned_back') THEN 'courier'
        WHEN state IN ('damaged', 'emptied') THEN 'courier' ELSE 'seller' END"""
