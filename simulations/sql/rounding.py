"""Shares of money in exact whole numbers, rounded as a policy says.

Whatever fits 64 bits is divided there: a division of 128 bits costs twenty times as much.
"""

from collections.abc import Callable, Sequence

from reso.facts.operations import MILLION, Rounding
from simulations.sql.binding import Bind
from simulations.sql.dialects import Dialect

AHEAD = 10**12
"""Whole units added before a division, so that it cuts downwards, and taken off again."""

LARGEST_RATE = 10**12
"""A share of more millionths is not exact: the rest of an amount times it outgrows `AHEAD`."""

NARROW = 2**31
"""Two numbers below it have a product that fits 64 bits."""


def share(dialect: Dialect, amount: str, rate: str, rounding: Rounding, bind: Bind) -> str:
    """Return `rate` millionths of an amount; NULL where it outgrows 64 bits.

    An amount is so many millions and a rest: only the product of the rest needs dividing.
    """
    added = {"down": 0, "up": MILLION - 1, "half_up": MILLION // 2, "half_even": MILLION // 2}
    ahead = AHEAD * MILLION + added[rounding]

    def write(money: str, millionths: str) -> str:
        whole = dialect.arith(dialect.quotient(money, str(MILLION)), "*", millionths)
        rest = dialect.arith(dialect.remainder(money, str(MILLION)), "*", millionths)
        rest = dialect.arith(rest, "+", str(ahead))
        upper = f"({dialect.quotient(rest, str(MILLION))} - {AHEAD})"
        rounded = dialect.arith(whole, "+", upper)
        if rounding == "half_even":
            tie = f"{dialect.remainder(rest, str(MILLION))} = 0 AND {rounded} % 2 <> 0"
            rounded = f"({rounded} - CASE WHEN {tie} THEN 1 ELSE 0 END)"
        return rounded

    return bind(amount, lambda money: bind(rate, lambda millionths: write(money, millionths)))


def portion(dialect: Dialect, args: Sequence[str], rounding: Rounding, bind: Bind) -> str:
    """Return what of an amount falls to a part of a whole; NULL unless the whole is above 0."""
    amount, part, whole = args

    def write(money: str, of: str, by: str) -> str:
        narrow = " AND ".join(f"{one} BETWEEN {-NARROW} AND {NARROW}" for one in (money, of))
        short = _rounded(dialect, f"({money} * {of})", by, rounding, dialect.quotient)
        product = f"({dialect.widened(money)} * {dialect.widened(of)})"
        wide = _rounded(dialect, product, dialect.widened(by), rounding, dialect.wide_quotient)
        long = dialect.narrowed(wide)
        chosen = f"CASE WHEN {narrow} THEN {short} ELSE {long} END"
        return f"CASE WHEN {by} > 0 THEN {chosen} END"

    return bind(
        amount, lambda money: bind(part, lambda of: bind(whole, lambda by: write(money, of, by)))
    )


def _rounded(
    dialect: Dialect,
    number: str,
    by: str,
    rounding: Rounding,
    quotient: Callable[[str, str], str],
) -> str:
    """Return a rounded quotient; `by` is above 0."""
    cut, rest = quotient(number, by), dialect.remainder(number, by)
    match rounding:
        case "down":
            step = f"CASE WHEN {rest} < 0 THEN -1 ELSE 0 END"
        case "up":
            step = f"CASE WHEN {rest} > 0 THEN 1 ELSE 0 END"
        case "half_up":
            step = _step(rest, f"{rest} >= {by} - {rest}", f"-{rest} > {by} + {rest}")
        case "half_even":
            odd = f"{dialect.remainder(cut, '2')} <> 0"
            above = f"{rest} > {by} - {rest} OR ({rest} = {by} - {rest} AND {odd})"
            below = f"-{rest} > {by} + {rest} OR (-{rest} = {by} + {rest} AND {odd})"
            step = _step(rest, above, below)
    return f"({cut} + {step})"


def _step(rest: str, above: str, below: str) -> str:
    """Return the step from the quotient cut towards zero to the nearer one."""
    return (
        f"CASE WHEN {rest} > 0 AND ({above}) THEN 1 "
        f"WHEN {rest} < 0 AND ({below}) THEN -1 ELSE 0 END"
    )
