"""Flaws put into the rows of some disputes, for testing what reads them: one flaw each."""

from simulations.world.draws import Dice, place
from simulations.world.layers import layered
from simulations.world.rows import Zone, said, word

FLAWS = (
    "stands_twice",
    "out_of_order",
    "two_claims",
    "no_dispute",
    "no_time",
    "cut_payload",
    "unknown_kind",
    "unknown_field",
    "known_before",
    "wrong_century",
)
DAY = 86_400
CENTURY = 100 * 365 * DAY


def soiled(dice: Dice, zone: Zone, share: float, table: str) -> str:
    """Return a query of the events in `table` with flaws in a share of the disputes.

    Beside the columns of `table` it has `seat`, the place of a row in its dispute, and `flaw`,
    NULL in rows as they should be. A column that lacks in a flawed row is NULL there.
    """
    order = "PARTITION BY n ORDER BY known, happened, kind, payload"
    seated = f"""SELECT *, row_number() OVER ({order}) AS seat,
        count(*) OVER (PARTITION BY n) AS rows FROM {table}"""
    chosen = layered(
        seated,
        {f"u_{what}": dice.draw(f"dirt: {what}") for what in ("dirty", "flaw", "row")},
        {"wanted": f"CASE WHEN u_dirty < {share!r} THEN {_flaw()} END"},
        {"hit": "CASE wanted WHEN 'two_claims' THEN kind = 'claim'"
            " WHEN 'out_of_order' THEN seat = rows"
         " ELSE seat = 1 + floor(u_row * rows)::BIGINT END"},
        {"flaw": "CASE WHEN hit THEN wanted END"},
    )  # fmt: skip
    kept = f"""SELECT CASE WHEN flaw = 'no_dispute' THEN NULL ELSE n END AS n,
        n AS whose,
        CASE flaw WHEN 'no_time' THEN NULL WHEN 'wrong_century' THEN happened - {CENTURY}
            ELSE happened END AS happened,
        CASE flaw WHEN 'known_before' THEN happened - {DAY}
            WHEN 'wrong_century' THEN known - {CENTURY} ELSE known END AS known,
        CASE flaw WHEN 'unknown_kind' THEN kind || '_info' ELSE kind END AS kind,
        CASE flaw WHEN 'cut_payload' THEN left(payload, (length(payload) // 2)::BIGINT)
            WHEN 'unknown_field' THEN left(payload, -1) || ',"colour":"red"}}' ELSE payload END
            AS payload,
        CASE flaw WHEN 'out_of_order' THEN 0 ELSE seat END AS seat, flaw
        FROM chosen"""
    second = said(
        filed_at=zone.instant(f"happened + {DAY}"),
        party=word("buyer"),
        type=word("defective"),
        requested=word("refund"),
    )
    return f"""WITH chosen AS ({chosen})
        {kept}
        UNION ALL SELECT n, n, happened, known, kind, payload, seat, NULL
            FROM chosen WHERE flaw = 'stands_twice'
        UNION ALL SELECT n, n, happened + {DAY}, known + {DAY}, kind, {second}, rows + 1, NULL
            FROM chosen WHERE flaw = 'two_claims'"""


def _flaw() -> str:
    cases = " ".join(f"WHEN {number} THEN '{flaw}'" for number, flaw in enumerate(FLAWS, start=1))
    return f"CASE {place('u_flaw', [1] * len(FLAWS))} {cases} END"
