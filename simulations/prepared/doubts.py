"""What SQL is not sure of in the rows of a shard: rows, and the currencies of disputes."""

from collections.abc import Iterator, Sequence

import duckdb

from reso.errors import InputError
from reso.facts.fields import Field
from reso.facts.rows import EARLIEST, LATEST
from reso.model.money import minor_digits
from simulations.literals import text_of
from simulations.prepared.kinds import Kind
from simulations.prepared.typing_sql import MONEY_SCALE, MOST_MINOR_DIGITS, Shape, quoted
from simulations.sql.calendar import day_number, microseconds

MAX_MINOR = 10**15


def find_doubts(
    connection: duckdb.DuckDBPyConnection, kinds: Sequence[Kind], rows: str, known: str = ""
) -> bool:
    """Find what SQL is not sure of in the table `rows`; return whether there is anything.

    It makes the tables `currencies` (`_did, currency, divisor`), `unsure` (`_did, _place`: rows to
    be read by Python, which need the currency of their dispute), and `whole` (`_did`: disputes
    whose currency is in doubt, so that all of their rows are to be read).

    Args:
        known: the name of a table like `currencies`, of disputes whose currency is known.
    """
    run = connection.execute
    order = next((kind for kind in kinds if kind.name == "order"), None)
    _find_currencies(connection, order, known)
    unsure = [f"SELECT _did, _place FROM {rows} WHERE _shape IS NULL"]
    for kind in kinds:
        wrong = _wrong_amounts(kind.shape)
        doubts = ["NOT coalesce(_ok, false)", *_far_times(kind.shape)]
        if kind.is_list and "at" in kind.shape.scalars:
            doubts.append('"at" <> _occ')
        if wrong:
            doubts.append(wrong)
        join = "LEFT JOIN currencies c USING (_did)" if wrong else ""
        unsure.append(f"SELECT _did, _place FROM {kind.table} k {join} WHERE {' OR '.join(doubts)}")
    run("CREATE OR REPLACE TEMP TABLE unsure AS " + " UNION ALL ".join(unsure))
    run(
        f"""CREATE OR REPLACE TEMP TABLE whole AS
            SELECT _did FROM currencies WHERE _bad
            UNION SELECT r._did FROM {rows} r SEMI JOIN unsure USING (_place)
                  WHERE kind = {text_of("order")}"""
    )
    found = run("SELECT (SELECT count(*) FROM unsure) + (SELECT count(*) FROM whole)").fetchone()
    return bool(found and found[0])


def _find_currencies(connection: duckdb.DuckDBPyConnection, order: Kind | None, known: str) -> None:
    """Make the table `currencies`: of each dispute the one that its rows state, `_bad`: not one."""
    run = connection.execute
    stated = (
        f"SELECT _did, currency FROM {order.table} WHERE currency IS NOT NULL AND _ok"
        if order is not None and "currency" in order.shape.scalars
        else "SELECT NULL::BIGINT AS _did, NULL::VARCHAR AS currency WHERE false"
    )
    codes = run(f"SELECT DISTINCT currency FROM ({stated})").fetchall()
    run("CREATE OR REPLACE TEMP TABLE digits (currency VARCHAR, divisor BIGINT)")
    for (code,) in codes:
        digits = _digits(code)
        if digits is not None:
            run("INSERT INTO digits VALUES (?, ?)", [code, MONEY_SCALE // 10**digits])
    more = f"UNION ALL SELECT * FROM {known}" if known else ""
    run(
        f"""CREATE OR REPLACE TEMP TABLE currencies AS
            SELECT _did, min(currency) AS currency, min(divisor) AS divisor,
                   bool_or(divisor IS NULL) OR min(currency) <> max(currency) AS _bad
            FROM ({stated}) LEFT JOIN digits USING (currency) GROUP BY _did {more}"""
    )


def _digits(code: str) -> int | None:
    """Return the minor digits of a currency; None where SQL has no amounts of it."""
    try:
        digits = minor_digits(code)
    except InputError:
        return None
    return digits if digits <= MOST_MINOR_DIGITS else None


def inner_money(shape: Shape) -> dict[str, list[str]]:
    """Return of each list that stands in a kind as a whole the names of its amounts."""
    found = {
        name: [n for n, f in section.fields.items() if f.type == "money"]
        for name, section in shape.inner.items()
    }
    return {name: amounts for name, amounts in found.items() if amounts}


def _far_times(shape: Shape) -> Iterator[str]:
    """Yield the conditions that an instant or a date is one that no history holds."""
    for name, field in shape.scalars.items():
        if field.type.startswith("list of "):
            far = _far("d", field)
            yield from (f"len(list_filter(k.{quoted(name)}, lambda d: {one})) > 0" for one in far)
        else:
            yield from _far(f"k.{quoted(name)}", field)
    for name, section in shape.inner.items():
        for inner, field in section.fields.items():
            for one in _far(f"i.{quoted(inner)}", field):
                yield f"len(list_filter(k.{quoted(name)}, lambda i: {one})) > 0"


def _far(value: str, field: Field) -> list[str]:
    """Return the condition that a value is a far time; none where it is no time."""
    match field.type.removeprefix("list of "):
        case "instant":
            first, last = microseconds(EARLIEST), microseconds(LATEST) - 1
        case "date":
            first, last = day_number(EARLIEST.date()), day_number(LATEST.date()) - 1
        case _:
            return []
    return [f"{value} NOT BETWEEN {first} AND {last}"]


def _wrong_amounts(shape: Shape) -> str:
    """Return the condition that an amount is none of its currency, or has none."""

    def wrong(amount: str) -> str:
        return (
            f"({amount} IS NOT NULL AND (c.divisor IS NULL OR {amount} % c.divisor <> 0 "
            f"OR {amount} // c.divisor > {MAX_MINOR}))"
        )

    parts = [wrong(f"k.{quoted(name)}") for name in shape.money()]
    for name, amounts in inner_money(shape).items():
        any_wrong = " OR ".join(wrong(f"i.{quoted(amount)}") for amount in amounts)
        parts.append(f"len(list_filter(k.{quoted(name)}, lambda i: {any_wrong})) > 0")
    return " OR ".join(parts)
