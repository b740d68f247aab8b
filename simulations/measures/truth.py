"""What a replay decided held against what was really due, where the history tells it."""

from dataclasses import dataclass

from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable

REFUSED = "('release_to_seller', 'deny')"
SETTLED = "ended IN ('agreed', 'lapsed', 'imposed')"


@dataclass(frozen=True, slots=True)
class WrongMoney:
    """The money of wrongful outcomes in one currency, minor units.

    Attributes:
        to_buyers: refunded though nothing was due.
        kept_from_buyers: what was due and refused, as recorded (`recorded.amount`).
        amount_unknown: refusals among them of which the record does not say the amount.
    """

    currency: str
    to_buyers: int
    kept_from_buyers: int
    amount_unknown: int


@dataclass(frozen=True, slots=True)
class Wrongful:
    """Wrongful outcomes of disputes that were settled and whose truth is recorded.

    Attributes:
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
            count(*) FILTER (truth = 'no_refund'),
            count(*) FILTER (truth = 'no_refund' AND refunded > 0),
            count(*) FILTER (truth = 'refund'),
            count(*) FILTER (truth = 'refund' AND decision IN {REFUSED}),
            count(*) FILTER (truth IS NOT NULL AND refunded > 0),
            count(*) FILTER (truth IS NOT NULL AND decision IN {REFUSED})
        FROM {{results}} r LEFT JOIN {{recorded}} t USING (dispute_id) WHERE r.{SETTLED}
        """
    )
    settled, known, no_refund, paid, refund, refused, refunds, refusals = counts
    return Wrongful(
        Rate(known, settled),
        Rate(paid, no_refund),
        Rate(refused, refund),
        Rate(paid, refunds),
        Rate(refused, refusals),
        _money(table),
    )


def arrived_after(table: ResultsTable) -> ArrivedAfter:
    """Return the refunds after which the parcel arrived, from `results.arrived_after` alone."""
    refunds, late, lost, lost_late = table.row(
        """
        SELECT count(*), count(*) FILTER (arrived_after),
            count(*) FILTER (claim_type = 'not_received'),
            count(*) FILTER (arrived_after AND claim_type = 'not_received')
        FROM {results} WHERE refunded_at IS NOT NULL
        """
    )
    money = table.rows(
        """
        SELECT currency, sum(refunded) FROM {results}
        WHERE refunded_at IS NOT NULL AND arrived_after AND currency IS NOT NULL
        GROUP BY 1 ORDER BY 1
        """
    )
    amounts = tuple(ArrivedMoney(currency, int(amount)) for currency, amount in money)
    return ArrivedAfter(Rate(late, refunds), Rate(lost_late, lost), amounts)


def _money(table: ResultsTable) -> tuple[WrongMoney, ...]:
    rows = table.rows(
        f"""
        SELECT currency, coalesce(sum(refunded) FILTER (truth = 'no_refund'), 0),
            coalesce(sum(t.amount) FILTER (truth = 'refund' AND decision IN {REFUSED}), 0),
            count(*) FILTER (truth = 'refund' AND decision IN {REFUSED} AND t.amount IS NULL)
        FROM {{results}} r JOIN {{recorded}} t USING (dispute_id)
        WHERE r.{SETTLED} AND currency IS NOT NULL AND truth IS NOT NULL GROUP BY 1 ORDER BY 1
        """
    )
    return tuple(WrongMoney(c, int(paid), int(kept), unknown) for c, paid, kept, unknown in rows)
