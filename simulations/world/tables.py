"""The tables of who and what there is in a world: regions, couriers, shops, and so on."""

import duckdb

from simulations.world.draws import power, span_columns
from simulations.world.layers import Value, create_table
from simulations.world.model import World

Rows = list[dict[str, Value]]


def create_tables(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Make them: `regions` with `region_no` from 1 in the order of the file, `services`, ..."""
    for name, rows in (
        ("region", _regions(world)),
        ("service", _services(world)),
        ("courier", _couriers(world)),
        ("category", _categories(world)),
        ("size", _sizes(world)),
        ("kind", _kinds(world)),
    ):
        create_table(connection, name, rows)


def _regions(world: World) -> Rows:
    return [
        {"region": one.name, "slower": one.slower, "extra_days": one.extra_days}
        for one in world.regions
    ]


def _services(world: World) -> Rows:
    return [
        {"service": one.name, "pace": one.pace, "promised_days": one.days, "postage": one.shipping}
        for one in world.services
    ]


def _couriers(world: World) -> Rows:
    return [
        {
            "courier": one.name,
            "lost": one.lost,
            "harmed": one.harmed,
            "emptied": one.emptied,
            "misdelivered": one.misdelivered,
            "turned_back": one.turned_back,
            "scan_gap": one.scan_gap,
            "signed": one.signed,
            "pick_up": one.days_to_pick_up,
            "declares": one.declares_lost.share,
            "courier_answers": one.answers.share,
            **span_columns("way", one.on_the_way),
            **span_columns("declare", one.declares_lost.after),
            **span_columns("courier_answer", one.answers.after),
        }
        for one in world.couriers
    ]


def _categories(world: World) -> Rows:
    return [
        {
            "category": one.name,
            "fragile": one.fragile,
            "free_returns": one.free_returns,
            "grams": one.grams,
            "price_median": one.price.median,
            "price_power": power(one.price.spread),
            "price_most": one.price.at_most,
        }
        for one in world.categories
    ]


def _sizes(world: World) -> Rows:
    first = [sum(one.shops for one in world.sellers[:n]) for n in range(len(world.sellers))]
    return [
        {
            "size": one.size,
            "first_shop": before,
            "shops": one.shops,
            "tier": one.tier,
            "shops_dishonest": one.dishonest,
            "silent": one.silent,
            **span_columns("hand_over", one.hand_over),
        }
        for one, before in zip(world.sellers, first, strict=True)
    ]


def _kinds(world: World) -> Rows:
    return [
        {
            "kind": one.kind,
            "from_order": one.waits_from == "order",
            "complains": one.complains,
            "false_claim": one.false_claim,
            "overlooked": one.overlooked,
            "fussy": one.fussy,
            "cancels": one.cancels,
            "change_of_mind": one.change_of_mind,
            "young_share": world.buyers.young_account[one.kind],
            **span_columns("waits", one.waits),
        }
        for one in world.buyers.kinds
    ]
