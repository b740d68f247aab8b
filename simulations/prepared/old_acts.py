"""Which arrivals hold acts of the old platform: `simulations.life.without_old_acts` as SQL."""

from collections.abc import Sequence

import duckdb

from simulations.life import OLD_RULERS, OLD_RULINGS
from simulations.prepared.kinds import Kind
from simulations.prepared.typing_sql import literal, quoted


def find_old_acts(connection: duckdb.DuckDBPyConnection, kinds: Sequence[Kind]) -> bool:
    """Make the table `with_old_acts`; return whether anything of the old platform occurs.

    It holds `disputes` without the odd ones, with `id` (from 0, in the order of their names) and,
    each by arrival, `left`: events that hold something of the old platform's acts, and `stays`:
    events of which something remains without that.
    """
    events = " UNION ALL ".join(_events(kind) for kind in kinds)
    if not events:
        events = "SELECT NULL::BIGINT AS _did, 0 AS _n, false AS old, false AS stays WHERE false"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE with_old_acts AS
            SELECT d._did, d.dispute_id, d.arrivals, i.id, e."left", e.stays
            FROM disputes d
            JOIN (SELECT _did, row_number() OVER (ORDER BY _did) - 1 AS id
                  FROM disputes ANTI JOIN odd USING (_did)) i USING (_did)
            JOIN (SELECT _did, list_select(list(old), list_grade_up(list(_n))) AS "left",
                         list_select(list(stays), list_grade_up(list(_n))) AS stays
                  FROM (SELECT _did, _n, (count(*) FILTER (old))::INTEGER AS old,
                               (count(*) FILTER (stays))::INTEGER AS stays
                        FROM ({events}) GROUP BY _did, _n)
                  GROUP BY _did) e USING (_did)"""
    )
    found = connection.execute(
        'SELECT count(*) FROM with_old_acts WHERE list_max("left") > 0'
    ).fetchone()
    return bool(found and found[0])


def _events(kind: Kind) -> str:
    """Return of each event of a kind whether it holds something old and whether anything stays."""
    old, stays = "false", "true"
    if kind.name == "responses":
        old = _is_old_response(kind)
        stays = f"NOT {old}"
    elif kind.name in OLD_RULINGS:
        rulings = OLD_RULINGS[kind.name]
        old = f"({' OR '.join(_stated(kind, name) for name in rulings)})"
        others = " OR ".join(_stated(kind, n) for n in kind.shape.names() if n not in rulings)
        known = ", ".join(map(literal, rulings))
        nulled = f"len(list_filter(coalesce(_nulls, []), lambda k: k NOT IN ({known}))) > 0"
        stays = f"(NOT {old} OR {' OR '.join(filter(None, (others, nulled)))})"
    return f"SELECT _did, _n, {old} AS old, {stays} AS stays FROM {kind.table}"


def _is_old_response(kind: Kind) -> str:
    rulers = ", ".join(map(literal, OLD_RULERS))
    parts = [
        f"coalesce({quoted(name)} IN ({words}), false)"
        for name, words in (("party", rulers), ("of", literal("platform")))
        if name in kind.shape.scalars
    ]
    return f"({' OR '.join(parts) or 'false'})"


def _stated(kind: Kind, name: str) -> str:
    """Return the condition that a payload states a field, if only to be null."""
    nulled = f"list_contains(coalesce(_nulls, []), {literal(name)})"
    if name not in kind.shape.names():
        return nulled
    return f"({quoted(name)} IS NOT NULL OR {nulled})"
