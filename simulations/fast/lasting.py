"""What lasts of a dispute on its way, and what moves: so much is told of it once, beforehand."""

from collections.abc import Sequence

from simulations.fast.facts import OWN_LISTS, Prepared, own, own_at
from simulations.fast.sheets import Sheet
from simulations.life import LEDGER
from simulations.sql.arrivals import Arrivals
from simulations.sql.lean import Lean

MOVED = ("id", "at", "n", "seen_n", "kind", "arrived", "pending", "before", "until")
"""Columns of the disputes that are moved, beside our own acts."""

MOVING = frozenset(
    (*MOVED, *(own(name) for name in (*OWN_LISTS, *LEDGER)), *(own_at(name) for name in LEDGER))
)
"""The given columns that change on the way."""

SURE = frozenset((*MOVED, *(own(name) for name in OWN_LISTS))) - {"until"}
"""Those of them that are never NULL."""

ARRIVALS = "arrivals"
"""The column of the instants at which anything of a dispute became known."""


def leaned(sheet: Sheet, wanted: Sequence[str], prepared: Prepared) -> Lean:
    """Return what is asked of disputes, each column as simple as it can be said of a history."""
    arrivals = Arrivals(_in_order(prepared), sheet.given - MOVING, list_of_arrivals=ARRIVALS)
    return Lean(sheet, wanted, SURE & sheet.given, arrivals)


def _in_order(prepared: Prepared) -> frozenset[str]:
    """Return the columns of lists whose items stand in the order they became known in.

    Items that say when they happened stand in that order instead.
    """
    stated = {**prepared.fields, **prepared.lists}
    changing = (path for path, (mode, _) in stated.items() if mode == "changes")
    lists = prepared.lists.items()
    undated = (name for name, (_, fields) in lists if "." not in name and "at" not in fields)
    return frozenset((*changing, *undated))
