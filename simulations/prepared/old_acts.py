"""Which arrivals hold acts of the old platform: `simulations.life.without_old_acts` as SQL."""

from collections.abc import Sequence

import duckdb

from simulations.life import OLD_RULERS, OLD_RULINGS
from simulations.literals import text_of
from simulations.prepared.kinds import Kind
from simulations.prepared.typing_sql import quoted


def find_old_acts(connection: duckdb.DuckDBPyConnection, kinds: Sequence[Kind]) -> bool:
    """Make the table `with_old_acts`; return whether anything of the old platform occurs.

    It holds `disputes` without the odd ones, with `id` (from 0, in the order of their names) and,
    each by arrival, `left`: events that hold something of the old platform's acts, and `stays`:
    events of which something remains without that.
    """
    run = connection.execute
    events = " UNION ALL ".join(filter(None, map(_events, kinds)))
    nothing = "SELECT NULL::BIGINT AS _did, 0 AS _n, false AS stays WHERE false"
    run(
        f"""CREATE OR REPLACE TEMP TABLE old_acts AS
            SELECT _did, _n, count(*)::INTEGER AS old,
                   (count(*) FILTER (NOT stays))::INTEGER AS gone
            FROM ({events or nothing}) GROUP BY _did, _n"""
    )
    run(
        f"""CREATE OR REPLACE TEMP TABLE by_arrival AS
            SELECT _did, {_in_order("coalesce(old, 0)")} AS "left",
                   {_in_order("events - coalesce(gone, 0)")} AS stays
            FROM (SELECT _did, unnest(range(1, len(events) + 1))::INTEGER AS _n,
                         unnest(events) AS events
                  FROM disputes SEMI JOIN old_acts USING (_did))
            LEFT JOIN old_acts USING (_did, _n) GROUP BY _did"""
    )
    run(
        """CREATE OR REPLACE TEMP TABLE with_old_acts AS
            SELECT d._did, d.dispute_id, d.arrivals, i.id, coalesce(e.stays, d.events) AS stays,
                   coalesce(e."left", list_resize([]::INTEGER[], len(d.arrivals), 0)) AS "left"
            FROM disputes d
            JOIN (SELECT _did, row_number() OVER (ORDER BY _did) - 1 AS id
                  FROM disputes ANTI JOIN odd USING (_did)) i USING (_did)
            LEFT JOIN by_arrival e USING (_did)"""
    )
    found = run("SELECT count(*) FROM old_acts ANTI JOIN odd USING (_did)").fetchone()
    return bool(found and found[0])


def _in_order(value: str) -> str:
    return f"list_select(list({value}), list_grade_up(list(_n)))"


def _events(kind: Kind) -> str:
    """Return the events of a kind that hold something old, and whether anything stays of each."""
    if kind.name == "responses":
        old = _is_old_response(kind)
        stays = "false"
    elif kind.name in OLD_RULINGS:
        rulings = OLD_RULINGS[kind.name]
        old = " OR ".join(_stated(kind, name) for name in rulings)
        others = [_stated(kind, n) for n in kind.shape.names() if n not in rulings]
        known = ", ".join(map(text_of, rulings))
        others.append(f"len(list_filter(coalesce(_nulls, []), lambda k: k NOT IN ({known}))) > 0")
        stays = " OR ".join(others)
    else:
        return ""
    return f"SELECT _did, _n, ({stays}) AS stays FROM {kind.table} WHERE {old}"


def _is_old_response(kind: Kind) -> str:
    rulers = ", ".join(map(text_of, OLD_RULERS))
    parts = [
        f"coalesce({quoted(name)} IN ({words}), false)"
        for name, words in (("party", rulers), ("of", text_of("platform")))
        if name in kind.shape.scalars
    ]
    return " OR ".join(parts) or "false"


def _stated(kind: Kind, name: str) -> str:
    """Return the condition that a payload states a field, if only to be null."""
    nulled = f"list_contains(coalesce(_nulls, []), {text_of(name)})"
    if name not in kind.shape.names():
        return nulled
    return f"({quoted(name)} IS NOT NULL OR {nulled})"
