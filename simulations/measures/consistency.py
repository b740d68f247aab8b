"""Like cases alike: disputes equal in what is stated of them that end differently."""

from collections.abc import Sequence
from dataclasses import dataclass

from reso.errors import InputError
from simulations.measures.rates import Rate
from simulations.measures.tables import SEGMENTS, ResultsTable

ALIKE = ("claim_type", "seller_tier", "value_band", "evidence")
SHOWN = 10
SUMS = 6
"""Figures of all groups, which stand in each row."""

LIKE = """
    like_cases AS (
        SELECT {keys}, coalesce(r.decision, r.ended) AS outcome, r.dispute_id
        FROM {{results}} r LEFT JOIN {{segments}} s USING (dispute_id)
        WHERE r.ended NOT IN ('no_claim', 'open')),
    outcomes AS (
        SELECT {names}, outcome, count(*) AS n, min(dispute_id) AS example
        FROM like_cases GROUP BY ALL),
    groups AS (
        SELECT {names}, sum(n) AS n, max(n) AS most, sum(n * n) AS squares, count(*) AS kinds,
            list({{{{'outcome': outcome, 'n': n, 'example': example}}}}
                ORDER BY n DESC, outcome) AS parts
        FROM outcomes GROUP BY ALL)
"""


@dataclass(frozen=True, slots=True)
class Ending:
    """How some of a group ended: their number and one of them."""

    outcome: str
    disputes: int
    example: str


@dataclass(frozen=True, slots=True)
class Unlike:
    """A group of like disputes that end differently; the most frequent ending first."""

    stated: tuple[tuple[str, str], ...]
    disputes: int
    endings: tuple[Ending, ...]


@dataclass(frozen=True, slots=True)
class Consistency:
    """How often like disputes end differently.

    Attributes:
        alike: by what they are taken as alike.
        groups: of at least two disputes; `split` of them hold more than one ending.
        in_the_minority: disputes in such groups that do not end as most of their group.
        unlike_pairs: the share of pairs of like disputes that end differently; None of none.
        examples: the groups with most disputes in the minority.
    """

    alike: tuple[str, ...]
    split: Rate
    in_the_minority: Rate
    unlike_pairs: float | None
    examples: tuple[Unlike, ...]


def consistency(
    table: ResultsTable, alike: Sequence[str] = ALIKE, shown: int = SHOWN
) -> Consistency:
    """Return how often disputes that agree in `alike` end differently.

    Args:
        alike: columns of `segments`; what is not known counts as a value of its own.
        shown: how many groups at most are shown.

    Raises:
        InputError: a column that is none of `segments`.
    """
    for name in alike:
        if name not in SEGMENTS or name == "dispute_id":
            what = f"`{name}` is no column of the segments"
            raise InputError("alike", what, f"Name some of {', '.join(list(SEGMENTS)[1:])}.")
    there = table.columns("segments")
    columns = [_column(name, name in there) for name in alike]
    like = LIKE.format(keys=", ".join(columns), names=", ".join(alike))
    rows = table.rows(
        f"""
        WITH {like} SELECT {", ".join(alike)}, n, parts, kinds > 1, count(*) OVER (),
            count(*) FILTER (kinds > 1) OVER (), sum(n) OVER (), sum(n - most) OVER (),
            sum(n * n - squares) OVER (), sum(n * n - n) OVER ()
        FROM groups WHERE n > 1 ORDER BY n - most DESC, {", ".join(alike)} LIMIT $shown
        """,
        {"shown": max(shown, 1)},
    )
    several, split, disputes, minority, unlike, pairs = rows[0][-SUMS:] if rows else (0,) * SUMS
    unlikes = [row[: -SUMS - 1] for row in rows[:shown] if row[-SUMS - 1]]
    return Consistency(
        tuple(alike),
        Rate(split, several),
        Rate(int(minority), int(disputes)),
        unlike / pairs if pairs else None,
        tuple(_unlike(alike, row[: len(alike)], *row[len(alike) :]) for row in unlikes),
    )


def _column(name: str, is_there: bool) -> str:
    found = ["r.claim_type"] if name == "claim_type" else []
    found += [f"s.{name}"] if is_there else []
    return f"coalesce({', '.join([*found, repr('(unknown)')])}) AS {name}"


def _unlike(
    alike: Sequence[str], stated: Sequence[str], n: int, parts: Sequence[dict[str, object]]
) -> Unlike:
    endings = tuple(Ending(str(p["outcome"]), int(str(p["n"])), str(p["example"])) for p in parts)
    return Unlike(tuple(zip(alike, stated, strict=True)), int(n), endings)
