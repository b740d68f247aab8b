"""What a replay decided held against what was really due, where the history tells it.

The same SQL says everywhere what counts as a refund, a refusal, and as wrong: in the measures, by
segment, in the balance between the sides, and in a comparison of two runs.
"""

from dataclasses import dataclass

from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable
from simulations.results import REFUNDS

REFUNDING = (*REFUNDS, "return_and_refund")
"""Decisions that give money back."""
REFUSING = ("release_to_seller", "deny")


def paid(row: str) -> str:
    """Return SQL: money moved to the buyer, however the dispute stands.

    A recorded refund whose amount is not known is one, too.

    Args:
        row: what a row of results is called in the query.
    """
    return f"coalesce({row}.refunded > 0, {row}.decision IN {REFUNDING}, false)"


def refused(row: str) -> str:
    """Return SQL: no money moved, and the decision that stands gives the buyer nothing."""
    nothing = (
        f"{row}.decision IN {REFUSING} OR ({row}.decision IN {REFUNDING} AND {row}.amount = 0)"
    )
    return f"(NOT {paid(row)} AND coalesce({nothing}, false))"


def decided(row: str) -> str:
    """Return SQL: there is a claim, and a decision stands on it or money moved to the buyer."""
    return f"({row}.ended <> 'no_claim' AND ({row}.decision IS NOT NULL OR {paid(row)}))"


def paid_wrongly(is_paid: str) -> str:
    """Return SQL: paid, as this SQL says, where `truth` is that nothing was due."""
    return f"coalesce(truth = 'no_refund' AND {is_paid}, false)"


def refused_wrongly(is_refused: str) -> str:
    """Return SQL: refused, as this SQL says, where `truth` is that a refund was due."""
    return f"coalesce(truth = 'refund' AND {is_refused}, false)"


PAID, REFUSED, DECIDED = paid("r"), refused("r"), decided("r")
PAID_WRONGLY, REFUSED_WRONGLY = paid_wrongly(PAID), refused_wrongly(REFUSED)
"""Of results that are called `r`."""
HUMAN_REFUND = f"t.decided_by = 'human' AND t.ruling IN {REFUNDING} AND t.amount > 0"


@dataclass(frozen=True, slots=True)
class Due:
    """What was due to the buyer in a dispute, as SQL over a row `t` of `recorded`.

    Attributes:
        amount: as the truth tells it, else as a human ruled who refunded; NULL: not known.
        is_part: it is a human's refund of a part, so the least that was due.
    """

    amount: str
    is_part: str

    @classmethod
    def of(cls, table: ResultsTable) -> "Due":
        """Return it for the columns that `recorded` has."""
        told = "t.due" if "due" in table.columns("recorded") else "NULL::BIGINT"
        return cls(
            f"coalesce({told}, CASE WHEN {HUMAN_REFUND} THEN t.amount END)",
            f"({told} IS NULL AND {HUMAN_REFUND} AND t.ruling = 'refund_partial')",
        )


@dataclass(frozen=True, slots=True)
class WrongMoney:
    """The money of wrongful outcomes in one currency, minor units.

    Attributes:
        to_buyers: refunded though nothing was due.
        kept_from_buyers: what was due and refused, over the refusals of which that is known; None
            where it is known of none, though there are some.
        partly: refusals among those, priced by what a human refunded of a part: the least.
        amount_unknown: refusals of which is not known what was due; not in `kept_from_buyers`.
    """

    currency: str
    to_buyers: int
    kept_from_buyers: int | None
    partly: int
    amount_unknown: int

    @property
    def is_least(self) -> bool:
        """Whether more was kept from buyers than is told."""
        return bool(self.partly or self.amount_unknown)


@dataclass(frozen=True, slots=True)
class Wrongful:
    """Wrongful outcomes of disputes that are decided and whose truth is recorded.

    Attributes:
        known: disputes whose truth is recorded, of those decided.
        refunded_wrongly: money went to the buyer, of those in truth `no_refund`.
        refused_wrongly: refused, of those in truth `refund`.
        of_refunds, of_refusals: the same counts as shares of all refunds and all refusals.
    """

    known: Rate
    refunded_wrongly: Rate
    refused_wrongly: Rate
    of_refunds: Rate
    of_refusals: Rate
    money: tuple[WrongMoney, ...]


@dataclass(frozen=True, slots=True)
class ArrivedMoney:
    """Refunds before an arrival, in one currency, minor units."""

    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class ArrivedAfter:
    """Refunds after which the parcel arrived, read off the history itself.

    Attributes:
        all_refunds: of refunds for whatever reason.
        not_received: of refunds of claims that nothing came.
    """

    all_refunds: Rate
    not_received: Rate
    money: tuple[ArrivedMoney, ...]


def wrongful(table: ResultsTable) -> Wrongful:
    """Return the wrongful outcomes against `recorded.truth`."""
    counts = table.row(
        f"""
        SELECT count(*), count(*) FILTER (truth IS NOT NULL),
            count(*) FILTER (truth = 'no_refund'), count(*) FILTER ({PAID_WRONGLY}),
            count(*) FILTER (truth = 'refund'), count(*) FILTER ({REFUSED_WRONGLY}),
            count(*) FILTER (truth IS NOT NULL AND {PAID}),
            count(*) FILTER (truth IS NOT NULL AND {REFUSED})
        FROM {{results}} r LEFT JOIN {{recorded}} t USING (dispute_id) WHERE {DECIDED}
        """
    )
    all_decided, known, no_refund, given, refund, kept, refunds, refusals = counts
    return Wrongful(
        Rate(known, all_decided),
        Rate(given, no_refund),
        Rate(kept, refund),
        Rate(given, refunds),
        Rate(kept, refusals),
        _money(table),
    )


def arrived_after(table: ResultsTable) -> ArrivedAfter:
    """Return the refunds after which the parcel arrived, from `results.arrived_after` alone."""
    refunds, late, lost, lost_late = table.row(
        """
        SELECT count(*), count(*) FILTER (arrived_after),
            count(*) FILTER (claim_type = 'not_received'),
            count(*) FILTER (arrived_after AND claim_type = 'not_received')
        FROM {results} WHERE refunded > 0
        """
    )
    money = table.rows(
        """
        SELECT currency, sum(refunded) FROM {results}
        WHERE refunded > 0 AND arrived_after AND currency IS NOT NULL GROUP BY 1 ORDER BY 1
        """
    )
    amounts = tuple(ArrivedMoney(currency, int(amount)) for currency, amount in money)
    return ArrivedAfter(Rate(late, refunds), Rate(lost_late, lost), amounts)


def _money(table: ResultsTable) -> tuple[WrongMoney, ...]:
    due = Due.of(table)
    rows = table.rows(
        f"""
        SELECT currency, coalesce(sum(r.refunded) FILTER ({PAID_WRONGLY}), 0),
            coalesce(sum({due.amount}) FILTER ({REFUSED_WRONGLY}), 0),
            count(*) FILTER ({REFUSED_WRONGLY} AND {due.is_part}),
            count(*) FILTER ({REFUSED_WRONGLY} AND {due.amount} IS NULL)
        FROM {{results}} r JOIN {{recorded}} t USING (dispute_id)
        WHERE {DECIDED} AND currency IS NOT NULL AND truth IS NOT NULL GROUP BY 1 ORDER BY 1
        """
    )
    return tuple(
        WrongMoney(
            currency, int(given), int(kept) if kept or not unknown else None, partly, unknown
        )
        for currency, given, kept, partly, unknown in rows
    )
